using Portability.DataMap;
using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Exports;

/// <summary>The SELECT statements of an export: always a tenant's scope, always in key order, values always parameters.</summary>
internal sealed class ScopedQueries(SqlDialect dialect, object tenant)
{
    private readonly (string Name, object? Value) _tenant = ("@tenant", tenant);

    /// <summary>The engine the statements are for.</summary>
    public SqlDialect Dialect => dialect;

    /// <summary>Rows of one table, or of one part of it.</summary>
    public RowQuery Rows(ScopedDataset dataset, IEnumerable<ColumnInfo> columns, KeyRange? range)
    {
        var parameters = new List<(string, object?)> { _tenant };
        var where = $"({dataset.Where})";
        where += Bound(dataset, range?.After, ">", "@after", parameters);
        where += Bound(dataset, range?.UpTo, "<=", "@upTo", parameters);
        return new RowQuery(
            $"SELECT {Names(columns)} FROM {Table(dataset)} t WHERE {where} ORDER BY {Key(dataset)}",
            parameters
        );
    }

    /// <summary>Number of the tenant's rows.</summary>
    public RowQuery Count(ScopedDataset dataset) =>
        new($"SELECT count(*) FROM {Table(dataset)} t WHERE {dataset.Where}", [_tenant]);

    /// <summary>Number of the tenant's rows, and for each mark how many of them have a key, of one column, up to it.</summary>
    public RowQuery Count(ScopedDataset dataset, IReadOnlyList<long> marks)
    {
        var parameters = new List<(string, object?)> { _tenant };
        var counts = "count(*)";
        for (var i = 0; i < marks.Count; i++)
        {
            IReadOnlyList<KeyValue> mark = [new KeyValue(marks[i], null)];
            counts += $", count(*) FILTER (WHERE {Beside(dataset, mark, "<=", $"@mark{i}_", parameters)})";
        }

        return new RowQuery($"SELECT {counts} FROM {Table(dataset)} t WHERE {dataset.Where}", parameters);
    }

    /// <summary>Lowest and highest key, of one column, of the whole table, whose index has them at its ends.</summary>
    public RowQuery Ends(ScopedDataset dataset) =>
        new($"SELECT min({Key(dataset)}), max({Key(dataset)}) FROM {Table(dataset)} t", []);

    /// <summary>
    /// The key of the <paramref name="step"/>th row after a key (null: from the first), in key order: where one part ends and the
    /// next begins.
    /// </summary>
    public RowQuery Border(ScopedDataset dataset, IReadOnlyList<KeyValue>? after, long step)
    {
        var parameters = new List<(string, object?)> { _tenant, ("@skipped", step - 1) };
        var where = $"({dataset.Where})" + Bound(dataset, after, ">", "@after", parameters);
        return new RowQuery(
            $"SELECT {Names(dataset.Key)} FROM {Table(dataset)} t WHERE {where} ORDER BY {Key(dataset)} LIMIT 1 OFFSET @skipped",
            parameters
        );
    }

    /// <summary>Two columns of a dataset's rows, for looking names up.</summary>
    public RowQuery Pairs(ScopedDataset dataset, string first, string second) =>
        new(
            $"SELECT {Names([first, second])} FROM {Table(dataset)} t WHERE {dataset.Where} ORDER BY {Key(dataset)}",
            [_tenant]
        );

    /// <summary>One row when a row in scope refers to one that is not in the scope of the table referred to.</summary>
    public RowQuery Dangling(ScopedDataset dataset, ForeignKey reference, ScopedDataset parent)
    {
        var set = string.Join(" AND ", reference.Columns.Select(column => $"t.{dialect.Quote(column)} IS NOT NULL"));
        // Set difference: both engines do it in one pass, where NOT IN may become a search for each row.
        return new RowQuery(
            $"SELECT {Names(reference.Columns)} FROM {Table(dataset)} t WHERE ({dataset.Where}) AND {set} "
                + $"EXCEPT SELECT {Names(reference.ReferencedColumns)} FROM {Table(parent)} t WHERE {parent.Where} LIMIT 1",
            [_tenant]
        );
    }

    /// <summary>
    /// Rows of reference data that the given rows refer to, directly or through other reference data; <paramref name="referring"/>
    /// holds the conditions, made by <see cref="ReferredBy"/>.
    /// </summary>
    public RowQuery ReferenceRows(
        ScopedDataset dataset,
        IEnumerable<ColumnInfo> columns,
        IReadOnlyCollection<string> referring
    ) =>
        new(
            $"SELECT {Names(columns)} FROM {Table(dataset)} t WHERE {AnyOf(referring)} ORDER BY {Key(dataset)}",
            [_tenant]
        );

    /// <summary>Condition over <c>t</c>, a row of reference data: some row of <paramref name="child"/> refers to it.</summary>
    public string ReferredBy(ScopedDataset child, ForeignKey reference, string childCondition) =>
        $"({Names(reference.ReferencedColumns)}) IN (SELECT {Names(reference.Columns)} FROM {Table(child)} t WHERE ({childCondition}))";

    internal static string AnyOf(IReadOnlyCollection<string> conditions) =>
        conditions.Count == 0 ? "1 = 0" : string.Join(" OR ", conditions.Select(condition => $"({condition})"));

    /// <summary>
    /// Rows of a relation inside a document: the keys of all outer rows down from the root, the row's own key, its columns;
    /// in the order in which the document visits them.
    /// </summary>
    public RowQuery Related(ScopedDataset root, IReadOnlyList<ScopedRelation> path)
    {
        var from = $"{InScope(root)} n0";
        var keys = Keys(root, 0).ToList();
        for (var i = 0; i < path.Count; i++)
        {
            var (outer, inner) = ($"n{i}", $"n{i + 1}");
            var relation = path[i];
            from +=
                $" JOIN {InScope(relation.Dataset)} {inner} ON "
                + dialect.Pairwise(inner, relation.InnerColumns, outer, relation.OuterColumns);
            keys.AddRange(Keys(relation.Dataset, i + 1));
        }

        var last = path.Count == 0 ? root : path[^1].Dataset;
        var columns = last.ExportColumns.Select(column => $"n{path.Count}.{dialect.Quote(column.Name)}");
        return new RowQuery(
            $"SELECT {string.Join(", ", keys.Concat(columns))} FROM {from} ORDER BY {string.Join(", ", keys)}",
            [_tenant]
        );
    }

    /// <summary>
    /// Columns of rows and of rows they refer to: first the keys of the root and of the related rows, then the columns asked
    /// for; in the order of the keys.
    /// </summary>
    public RowQuery Joined(JoinedColumns wanted, KeyRange? range = null)
    {
        var parameters = new List<(string, object?)> { _tenant };
        var part =
            Bound(wanted.Root, range?.After, ">", "@after", parameters)
            + Bound(wanted.Root, range?.UpTo, "<=", "@upTo", parameters);
        var from = $"(SELECT t.* FROM {Table(wanted.Root)} t WHERE ({wanted.Root.Where}){part}) n0";
        var keys = Keys(wanted.Root, 0).ToList();
        if (wanted.Rows is { } rows)
        {
            var on = dialect.Pairwise("n1", rows.InnerColumns, "n0", rows.OuterColumns);
            from += $" JOIN {InScope(rows.Dataset)} n1 ON {on}";
            keys.AddRange(Keys(rows.Dataset, 1));
        }

        foreach (var (alias, outer, relation) in wanted.Joins)
        {
            var on = dialect.Pairwise(alias, relation.InnerColumns, outer, relation.OuterColumns);
            from += $" LEFT JOIN {InScope(relation.Dataset)} {alias} ON {on}";
        }

        var columns = wanted.Columns.Select(column => $"{column.Alias}.{dialect.Quote(column.Column.Name)}");
        return new RowQuery(
            $"SELECT {string.Join(", ", keys.Concat(columns))} FROM {from} ORDER BY {string.Join(", ", keys)}",
            parameters
        );
    }

    private string InScope(ScopedDataset dataset) => $"(SELECT t.* FROM {Table(dataset)} t WHERE {dataset.Where})";

    private IEnumerable<string> Keys(ScopedDataset dataset, int level) =>
        dataset.Key.Select(column => $"n{level}.{dialect.Quote(column)}");

    private string Table(ScopedDataset dataset) => dialect.Table(dataset.Table.Name);

    private string Key(ScopedDataset dataset) => Names(dataset.Key);

    private string Names(IEnumerable<ColumnInfo> columns) => Names(columns.Select(column => column.Name));

    private string Names(IEnumerable<string> columns) => dialect.Columns(columns, "t");

    private string Bound(
        ScopedDataset dataset,
        IReadOnlyList<KeyValue>? key,
        string comparison,
        string prefix,
        List<(string, object?)> parameters
    ) => key is null ? "" : $" AND {Beside(dataset, key, comparison, prefix, parameters)}";

    private string Beside(
        ScopedDataset dataset,
        IReadOnlyList<KeyValue> key,
        string comparison,
        string prefix,
        List<(string, object?)> parameters
    )
    {
        var names = key.Select((_, i) => $"{prefix}{i}").ToList();
        parameters.AddRange(key.Select((value, i) => (names[i], value.Number ?? (object?)value.Text)));
        var values = names.Select((name, i) => dialect.Typed(name, dataset.Table.Find(dataset.Key[i])!));
        return $"({Key(dataset)}) {comparison} ({string.Join(", ", values)})";
    }
}
