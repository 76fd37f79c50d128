using Portability.Sources;

namespace Portability.Exports.Formats;

/// <summary>A table as it is exported: its name and the columns that are, in order.</summary>
internal sealed record TableShape(string Name, IReadOnlyList<ColumnInfo> Columns);
