using Portability.Terminations;

namespace Portability.Erasure;

/// <summary>
/// Tells rows that the ledger knows from those it does not. Of a large dataset it holds the smallest marks, so only rows with marks as
/// small as those can be told: an even sample of whatever is there.
/// </summary>
internal sealed class KnownRows
{
    private readonly IReadOnlyList<LedgerRecord> records;
    private readonly Dictionary<string, byte[]> ledgerKeys;
    private readonly string customer;
    private readonly HashSet<LedgerRecord> firsts;

    /// <param name="records">All entries of one customer.</param>
    /// <param name="keys">Made the marks.</param>
    /// <param name="customer">The customer's id.</param>
    /// <exception cref="RunKeyMissingException">The settings no longer hold the key of an entry's marks.</exception>
    public KnownRows(IReadOnlyList<LedgerRecord> records, RunKeys keys, string customer)
    {
        this.records = records;
        this.customer = customer;
        ledgerKeys = records
            .Select(record => record.Entry.MarksKeyId)
            .Distinct(StringComparer.Ordinal)
            .ToDictionary(id => id, keys.LedgerKey, StringComparer.Ordinal);
        // A case's first run took all there was. Later ones took what was left, and say nothing of what they did not find.
        firsts =
        [
            .. records
                .Where(record => record.Entry.Kind == ErasureKind.Full)
                .GroupBy(record => record.Entry.CaseId)
                .Select(entries => entries.MinBy(record => record.Entry.Number)!),
        ];
    }

    /// <summary>Looks at the rows of one dataset, of which the first cells are the key.</summary>
    public Look Of(string dataset, int keyColumns) => new(this, dataset, keyColumns);

    /// <summary>Takes the rows that an erasure would take, and looks each up.</summary>
    internal sealed class Look : ISealTarget
    {
        private readonly List<(byte[] Key, HashSet<ulong> Known)> byKey;
        private readonly RowMarks marks;
        private readonly ulong? upTo;
        private bool isOwned;

        public Look(KnownRows all, string dataset, int keyColumns)
        {
            marks = new(all.customer, dataset, keyColumns);
            byKey =
            [
                .. all
                    .records.GroupBy(record => record.Entry.MarksKeyId)
                    .Select(entries =>
                        (
                            all.ledgerKeys[entries.Key],
                            entries.SelectMany(record => record.Marks.Of(dataset)).ToHashSet()
                        )
                    ),
            ];
            var limits = all.firsts.Select(record => Limit(record, dataset)).ToList();
            // Marks of two keys have no common order; where every entry has all of its rows none is needed.
            var hasOrder = byKey.Count == 1 || limits.TrueForAll(limit => limit == ulong.MaxValue);
            upTo = limits.Count == 0 || limits.Contains(null) || !hasOrder ? null : limits.Min();
        }

        /// <summary>Rows that could be told.</summary>
        public long Told { get; private set; }

        /// <summary>Those of them that no entry knows.</summary>
        public long Unknown { get; private set; }

        public void Begin(RowFate fate, long release)
        {
            isOwned = fate is not (RowFate.Unlink or RowFate.Shared);
            marks.Begin();
        }

        public ValueTask EndAsync(CancellationToken cancellationToken)
        {
            if (upTo is not { } limit || !isOwned)
            {
                return ValueTask.CompletedTask;
            }
            var isKnown = false;
            foreach (var (key, known) in byKey)
            {
                if (marks.Of(key) is not { } mark || mark > limit)
                {
                    return ValueTask.CompletedTask;
                }
                isKnown |= known.Contains(mark);
            }
            Told++;
            Unknown += isKnown ? 0 : 1;
            return ValueTask.CompletedTask;
        }

        public void Null() => marks.Null();

        public void Integer(long value) => marks.Integer(value);

        public void Real(double value) => marks.Real(value);

        public void Text(ReadOnlySpan<byte> utf8) => marks.Text(utf8);

        public void Bytes(ReadOnlySpan<byte> value) => marks.Bytes(value);

        public void Other(object value) => marks.Other(value);

        /// <summary>Up to which mark the entry knows every row of the dataset; null where it cannot say.</summary>
        private static ulong? Limit(LedgerRecord record, string dataset)
        {
            var line = record.Entry.Datasets.FirstOrDefault(line => line.Dataset == dataset);
            return line is null ? null
                : line.MarksAreAll ? ulong.MaxValue
                : line.Marks > 0 ? record.Marks.Of(dataset)[^1]
                : null;
        }
    }
}
