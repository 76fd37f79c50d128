using Portability.DataMap;
using Portability.Sources;

namespace Portability.Exports.Formats;

/// <summary>A table as a SQL dump holds it.</summary>
/// <param name="Dataset">Whose rows.</param>
/// <param name="LeftOut">References that the dump cannot keep, because rows referred to are not in it; with the reason.</param>
internal sealed record DumpTable(ScopedDataset Dataset, IReadOnlyList<(ForeignKey Reference, string Reason)> LeftOut)
{
    public TableInfo Table => Dataset.Table;

    public IEnumerable<string> ColumnsLeftOut =>
        Table.Columns.Where(column => !IsKept(column.Name)).Select(column => column.Name);

    public bool IsWhole => Dataset.ExportColumns.Count == Table.Columns.Count;

    /// <summary>References that hold in the dump, once all rows are in.</summary>
    public IEnumerable<ForeignKey> References =>
        Table.ForeignKeys.Where(reference =>
            reference.Enforced && reference.Columns.All(IsKept) && LeftOut.All(left => left.Reference != reference)
        );

    public bool IsKept(string column) =>
        Dataset.ExportColumns.Any(kept => string.Equals(kept.Name, column, StringComparison.OrdinalIgnoreCase));
}
