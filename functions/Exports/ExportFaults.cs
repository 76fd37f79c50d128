namespace Portability.Exports;

/// <summary>An export cannot be completed because this file is missing or not what its metadata says.</summary>
public sealed class ExportFileMissingException(ExportRef export, string path, string reason)
    : Exception($"Export {export.CaseId}/{export.Number} is incomplete: {path}: {reason}. Write that file again.")
{
    public ExportRef Export { get; } = export;

    public string Path { get; } = path;
}

/// <summary>The export has no plan: it was never planned, or its files were erased.</summary>
public sealed class ExportGoneException(ExportRef export)
    : Exception($"Export {export.CaseId}/{export.Number} does not exist or was erased.")
{
    public ExportRef Export { get; } = export;
}

/// <summary>The export's files are still being written: there is nothing to link to yet.</summary>
public sealed class ExportNotReadyException(ExportRef export)
    : Exception($"Export {export.CaseId}/{export.Number} is not complete yet.")
{
    public ExportRef Export { get; } = export;
}

/// <summary>A link was asked for a file that the export's manifest does not name.</summary>
public sealed class ExportFileUnknownException(ExportRef export, string file)
    : Exception($"Export {export.CaseId}/{export.Number} has no file named '{file}'.")
{
    public ExportRef Export { get; } = export;

    public string File { get; } = file;
}

/// <summary>A value that a format cannot hold, named by place so that a person can mend it at the source.</summary>
public sealed class UnwritableValueException(string format, string table, string column, long row, string reason)
    : Exception($"{format} cannot hold {table}.{column} in row {row} (in key order): {reason}.")
{
    public string Table { get; } = table;

    public string Column { get; } = column;

    public long Row { get; } = row;
}
