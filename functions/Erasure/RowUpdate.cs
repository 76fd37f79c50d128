using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Portability.DataMap;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>
/// Overwrites columns of the rows of a fate in the batch: nulls and fixed texts in one statement, keyed hashes by one read and
/// one write a row. Safe to repeat: a hash is recognised and not hashed again.
/// </summary>
internal sealed class RowUpdate : IAsyncDisposable
{
    private const string HashPrefix = "erased-";
    private const int HashLength = 39;

    private readonly DbCommand? set;
    private readonly DbCommand? read;
    private readonly DbCommand? hash;
    private readonly int hashed;
    private readonly byte[] key;

    private RowUpdate(DbCommand? set, DbCommand? read, DbCommand? hash, int hashed, byte[] key)
    {
        this.set = set;
        this.read = read;
        this.hash = hash;
        this.hashed = hashed;
        this.key = key;
    }

    /// <summary>The update for rows of a fate, or null when nothing of them changes.</summary>
    public static RowUpdate? For(RowTable batch, RowFate fate, SqlDialect dialect, DbConnection connection, byte[] key)
    {
        var shape = batch.Shape;
        var masks = shape.Masks(fate);
        var texts = masks.Where(mask => mask.Value is Mask.Fixed).ToList();
        var toHash = masks.Where(mask => mask.Value is Mask.Hash).Select(mask => mask.Key).ToList();
        var sets = shape
            .Nulled(fate)
            .Concat(masks.Where(mask => mask.Value is Mask.Null).Select(mask => mask.Key))
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(column => $"{dialect.Quote(column)} = NULL")
            .Concat(texts.Select((mask, index) => $"{dialect.Quote(mask.Key)} = @f{index}"))
            .ToList();
        if (sets.Count == 0 && toHash.Count == 0)
        {
            return null;
        }
        var table = dialect.Table(shape.Dataset.Table.Name);
        var ofFate = $"b.{RowTable.Fate} = {(int)fate}";
        DbCommand? setting = null;
        if (sets.Count > 0)
        {
            setting = connection.Prepare(
                $"UPDATE {table} SET {string.Join(", ", sets)} WHERE {dialect.Tuple(shape.Key)} IN ({batch.LiveKeys(ofFate)})"
            );
            for (var i = 0; i < texts.Count; i++)
            {
                setting.Bind($"@f{i}", ((Mask.Fixed)texts[i].Value).Value);
            }
        }
        if (toHash.Count == 0)
        {
            return new(setting, null, null, 0, key);
        }
        var unhashed = string.Join(
            " OR ",
            toHash.Select(column =>
                $"length(t.{dialect.Quote(column)}) <> {HashLength} OR t.{dialect.Quote(column)} NOT LIKE '{HashPrefix}%'"
            )
        );
        var reading = connection.Prepare(
            $"SELECT {dialect.Columns(toHash, "t")}, {dialect.Columns(shape.Key, "t")} FROM {batch.Name} b {dialect.JoinLookingUp} {table} t ON {batch.Same("t", "b")} WHERE {ofFate} AND ({unhashed})"
        );
        var hashing = connection.Prepare(
            $"UPDATE {table} SET {string.Join(", ", toHash.Select((column, index) => $"{dialect.Quote(column)} = @h{index}"))} WHERE {string.Join(" AND ", shape.Key.Select((column, index) => $"{dialect.Quote(column)} = @k{index}"))}"
        );
        return new(setting, reading, hashing, toHash.Count, key);
    }

    public async Task ApplyAsync(DbTransaction transaction, CancellationToken cancellationToken)
    {
        if (set is not null)
        {
            set.Transaction = transaction;
            await set.ExecuteNonQueryAsync(cancellationToken);
        }
        if (read is not null && hash is not null)
        {
            foreach (var row in await ReadAsync(read, transaction, cancellationToken))
            {
                await WriteAsync(hash, row, transaction, cancellationToken);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var command in new[] { set, read, hash }.OfType<DbCommand>())
        {
            await command.DisposeAsync();
        }
    }

    /// <summary>True for a text that this class made.</summary>
    public static bool IsHash(string text) =>
        text.Length == HashLength && text.StartsWith(HashPrefix, StringComparison.Ordinal);

    /// <summary>At most a batch of rows: read to the end first, because what is read is then written.</summary>
    private static async Task<List<object?[]>> ReadAsync(
        DbCommand read,
        DbTransaction transaction,
        CancellationToken cancellationToken
    )
    {
        read.Transaction = transaction;
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        var rows = new List<object?[]>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = new object?[reader.FieldCount];
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = reader.Cell(i);
            }
            rows.Add(row);
        }
        return rows;
    }

    private async Task WriteAsync(
        DbCommand write,
        object?[] row,
        DbTransaction transaction,
        CancellationToken cancellationToken
    )
    {
        write.Transaction = transaction;
        for (var i = 0; i < row.Length; i++)
        {
            write.Bind(
                i < hashed ? $"@h{i}" : $"@k{i - hashed}",
                i < hashed && row[i] is { } text ? Hash(text.ToString()!) : row[i]
            );
        }
        await write.ExecuteNonQueryAsync(cancellationToken);
    }

    private string Hash(string text) =>
        IsHash(text)
            ? text
            : HashPrefix
                + Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
