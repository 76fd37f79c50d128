using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Portability.Demo.Lms;

namespace Portability.Demo;

/// <summary>Rows and SHA-256 of one table, restricted to one customer.</summary>
/// <param name="Rows">Number of rows.</param>
/// <param name="Sha256">Digest over all values in the order of the primary key, lower-case hexadecimal.</param>
public sealed record TableDigest(long Rows, string Sha256);

/// <summary>
/// What the database holds of one customer: equal digests mean that no row was added, lost or changed. Whose row it is comes from the
/// sample's own rule (see <see cref="SampleLms"/>), not from the data map or the foreign keys.
/// </summary>
public sealed record LmsDigest
{
    /// <summary>By table, in the order of the schema.</summary>
    public required IReadOnlyDictionary<string, TableDigest> Tables { get; init; }

    /// <summary>Rows of all tables.</summary>
    public long Rows => Tables.Values.Sum(table => table.Rows);

    /// <summary>One digest over all tables.</summary>
    public string Sha256 =>
        Convert.ToHexStringLower(
            SHA256.HashData(
                Encoding.UTF8.GetBytes(string.Join('\n', Tables.Select(table => $"{table.Key} {table.Value.Sha256}")))
            )
        );

    internal static async Task<LmsDigest> ReadAsync(string path, SampleCustomer? customer, CancellationToken ct)
    {
        await using SqliteConnection connection = await OpenAsync(path, ct);
        Dictionary<string, TableDigest> tables = new(StringComparer.Ordinal);
        foreach ((string table, string where) in Of(customer))
        {
            await using SqliteCommand command = Select(
                connection,
                $"SELECT * FROM \"{table}\"{where} ORDER BY {await KeyAsync(connection, table, ct)}"
            );
            await using SqliteDataReader reader = await command.ExecuteReaderAsync(ct);
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long rows = 0;
            while (await reader.ReadAsync(ct))
            {
                rows++;
                for (int i = 0; i < reader.FieldCount; i++)
                {
                    Append(hash, reader.GetValue(i));
                }
            }

            tables[table] = new TableDigest(rows, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }

        return new LmsDigest { Tables = tables };
    }

    internal static async Task<IReadOnlyDictionary<string, long>> CountAsync(
        string path,
        SampleCustomer customer,
        CancellationToken ct
    )
    {
        await using SqliteConnection connection = await OpenAsync(path, ct);
        Dictionary<string, long> counts = new(StringComparer.Ordinal);
        foreach ((string table, string where) in Of(customer))
        {
            await using SqliteCommand command = Select(connection, $"SELECT count(*) FROM \"{table}\"{where}");
            counts[table] = (long)(await command.ExecuteScalarAsync(ct))!;
        }

        return counts;
    }

    private static IEnumerable<(string Table, string Where)> Of(SampleCustomer? customer) =>
        LmsTables
            .All.Where(table => table.Owner is null == customer is null)
            .Select(table =>
                (
                    table.Table,
                    customer is null
                        ? ""
                        : string.Create(
                            CultureInfo.InvariantCulture,
                            $" WHERE \"{table.Owner}\" % 2 = {customer.OrganisationId % 2}"
                        )
                )
            );

    private static async Task<SqliteConnection> OpenAsync(string path, CancellationToken ct)
    {
        SqliteConnection connection = new($"Data Source={path};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(ct);
        return connection;
    }

    private static async Task<string> KeyAsync(SqliteConnection connection, string table, CancellationToken ct)
    {
        await using SqliteCommand command = Select(
            connection,
            "SELECT name FROM pragma_table_info($table) WHERE pk > 0 ORDER BY pk"
        );
        command.Parameters.AddWithValue("$table", table);
        await using SqliteDataReader reader = await command.ExecuteReaderAsync(ct);
        List<string> columns = [];
        while (await reader.ReadAsync(ct))
        {
            columns.Add($"\"{reader.GetString(0)}\"");
        }

        return string.Join(", ", columns);
    }

    /// <summary>Type, length and bytes of each value, so that null, an empty text and an empty blob are three things.</summary>
    private static void Append(IncrementalHash hash, object value)
    {
        (byte type, byte[] bytes) = value switch
        {
            DBNull => ((byte)0, Array.Empty<byte>()),
            long number => ((byte)1, BitConverter.GetBytes(number)),
            double number => ((byte)2, BitConverter.GetBytes(number)),
            string text => ((byte)3, Encoding.UTF8.GetBytes(text)),
            byte[] blob => ((byte)4, blob),
            _ => throw new InvalidOperationException($"SQLite gave a {value.GetType()}."),
        };
        Span<byte> head = stackalloc byte[5];
        head[0] = type;
        BinaryPrimitives.WriteInt32LittleEndian(head[1..], bytes.Length);
        hash.AppendData(head);
        hash.AppendData(bytes);
    }

    [SuppressMessage("Security", "CA2100", Justification = "Names come from this assembly and the live catalogue.")]
    private static SqliteCommand Select(SqliteConnection connection, string sql)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }
}
