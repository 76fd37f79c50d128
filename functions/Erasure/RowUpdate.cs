using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Portability.DataMap;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>Overwrites columns of sealed rows: nulls, fixed texts, keyed hashes. Safe to repeat: a hash is recognised and not hashed again.</summary>
internal sealed class RowUpdate : IAsyncDisposable
{
    private const string HashPrefix = "erased-";
    private const int HashLength = 39;

    private readonly IReadOnlyList<string> names;
    private readonly IReadOnlyList<string> hashed;
    private readonly DbCommand update;
    private readonly DbCommand? read;
    private readonly byte[] key;

    private RowUpdate(
        IReadOnlyList<string> names,
        IReadOnlyList<string> hashed,
        DbCommand update,
        DbCommand? read,
        byte[] key
    )
    {
        this.names = names;
        this.hashed = hashed;
        this.update = update;
        this.read = read;
        this.key = key;
    }

    /// <summary>The update for rows of a fate, or null when nothing of them changes.</summary>
    public static RowUpdate? For(RowShape shape, RowFate fate, SqlDialect dialect, DbConnection connection, byte[] key)
    {
        var masks = shape.Masks(fate);
        var nulled = shape.Nulled(fate).Concat(masks.Where(mask => mask.Value is Mask.Null).Select(mask => mask.Key));
        var texts = masks.Where(mask => mask.Value is Mask.Fixed).ToList();
        var toHash = masks.Where(mask => mask.Value is Mask.Hash).Select(mask => mask.Key).ToList();
        var set = nulled
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(column => $"{dialect.Quote(column)} = NULL")
            .Concat(texts.Select((mask, index) => $"{dialect.Quote(mask.Key)} = @f{index}"))
            .Concat(toHash.Select((column, index) => $"{dialect.Quote(column)} = @h{index}"))
            .ToList();
        if (set.Count == 0)
        {
            return null;
        }
        var table = dialect.Table(shape.Dataset.Table.Name);
        var match = shape.Match(dialect, "t");
        var command = connection.Prepare($"UPDATE {table} AS t SET {string.Join(", ", set)} WHERE {match}");
        for (var i = 0; i < texts.Count; i++)
        {
            command.Bind($"@f{i}", ((Mask.Fixed)texts[i].Value).Value);
        }
        var before =
            toHash.Count == 0
                ? null
                : connection.Prepare($"SELECT {dialect.Columns(toHash, "t")} FROM {table} t WHERE {match}");
        return new(Sql.ValueNames(shape.SealedColumns.Count()), toHash, command, before, key);
    }

    public async Task ApplyAsync(SealedRow row, DbTransaction transaction, CancellationToken cancellationToken)
    {
        if (read is not null && !await BindHashesAsync(read, row, transaction, cancellationToken))
        {
            return;
        }
        update.Transaction = transaction;
        update.BindRow(row, names);
        await update.ExecuteNonQueryAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await update.DisposeAsync();
        if (read is not null)
        {
            await read.DisposeAsync();
        }
    }

    /// <summary>True for a text that this class made.</summary>
    public static bool IsHash(string text) =>
        text.Length == HashLength && text.StartsWith(HashPrefix, StringComparison.Ordinal);

    private async Task<bool> BindHashesAsync(
        DbCommand command,
        SealedRow row,
        DbTransaction transaction,
        CancellationToken cancellationToken
    )
    {
        command.Transaction = transaction;
        command.BindRow(row, names);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return false;
        }
        for (var i = 0; i < hashed.Count; i++)
        {
            update.Bind(
                $"@h{i}",
                await reader.IsDBNullAsync(i, cancellationToken) ? null : Hash(reader.GetValue(i).ToString()!)
            );
        }
        return true;
    }

    private string Hash(string text) =>
        IsHash(text)
            ? text
            : HashPrefix
                + Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
