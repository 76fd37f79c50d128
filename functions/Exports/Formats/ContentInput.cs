using System.Data.Common;
using Portability.DataMap;
using Portability.Exports.Rows;

namespace Portability.Exports.Formats;

/// <summary>What the content of a file is made from: the rows of a table or the entries of a document, in one snapshot.</summary>
/// <param name="Name">The dataset's or document's name, as the file has it.</param>
/// <param name="Connection">Holds the snapshot; the content disposes it.</param>
/// <param name="Open">Runs a query over that connection.</param>
/// <param name="Queries">Makes the queries.</param>
/// <param name="Root">The table whose rows are the rows of the file.</param>
/// <param name="Snapshot">When the connection's snapshot was opened.</param>
internal sealed record ContentInput(
    string Name,
    DbConnection Connection,
    Func<RowQuery, RowReader> Open,
    ScopedQueries Queries,
    ScopedDataset Root,
    DateTimeOffset Snapshot
)
{
    /// <summary>The part of the table that belongs into this file; null for all of it.</summary>
    public KeyRange? Range { get; init; }

    /// <summary>The document, when it is one and not a table.</summary>
    public ScopedDocument? Document { get; init; }

    /// <summary>The report or certificate, when it is one.</summary>
    public ScopedTemplate? Template { get; init; }

    /// <summary>The order the file is part of: who asked, in which language.</summary>
    public required ExportOrder Order { get; init; }

    /// <summary>True when the engine holds every value to the type of its column.</summary>
    public bool IsStrict => Queries.Dialect.IsStrict;

    /// <summary>The query for the rows of a table or of its part, in key order.</summary>
    public RowQuery Rows() => Queries.Rows(Root, Root.ExportColumns, Range);

    /// <summary>
    /// The rows of a table or of its part, in key order, read ahead on another thread: until they are disposed of, nothing else
    /// may use the connection. Each call reads them anew, from the same snapshot.
    /// </summary>
    public ReadAheadReader OpenRows() => new(Open(Rows()));
}
