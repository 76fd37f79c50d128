using Portability.Storage;

namespace Portability.Exports;

/// <summary>Sizes and times of an export. The defaults fit a host that ends activities after ten minutes.</summary>
public sealed record ExportLimits
{
    /// <summary>
    /// Files that one export writes at once: as many as there are processors, from two to four. More take memory and no time off: files
    /// of rows are made by processor time.
    /// </summary>
    public static int FilesAtOnce { get; } = Math.Clamp(Environment.ProcessorCount, 2, 4);

    /// <summary>A larger table is split into parts of this many rows, each a file of its own.</summary>
    public long RowsPerPart { get; init; } = 1_000_000;

    /// <summary>After this time a call stops and returns a cursor. An activity that writes several files adds its own time to it.</summary>
    public TimeSpan CallBudget { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>A file that is half written is dropped when nobody has asked for its rest for this long.</summary>
    public TimeSpan SessionIdle { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Where restore drills make their databases; null for the machine's temporary folder. A dump needs about its own size there.</summary>
    public string? ScratchFolder { get; init; }

    /// <summary>Bytes of a block of a file, which is sent as a whole.</summary>
    public int BlockSize { get; init; } = ExportFileWriter.DefaultBlockSize;
}
