using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Data.Sqlite;
using Portability.Demo;
using Portability.Demo.Lms;

namespace Portability.Tests.Demo;

public sealed class SampleLmsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sample-lms-").FullName;

    [Fact]
    public async Task Sample_OfDefaultSize_HasExactlyTheRowsAskedForAndNoBrokenReference()
    {
        SampleLms lms = await SampleLms.CreateAsync(Path.Combine(folder, "lms.db"));

        long rows = 0;
        foreach ((string table, _) in LmsTables.All)
        {
            rows += await ScalarAsync<long>(lms, $"SELECT count(*) FROM \"{table}\"");
        }

        Assert.Equal(SampleLms.DefaultRows, rows);
        Assert.Equal(0, await ScalarAsync<long>(lms, "SELECT count(*) FROM pragma_foreign_key_check"));
        Assert.Equal("ok", await ScalarAsync<string>(lms, "PRAGMA integrity_check"));
    }

    [Theory]
    [InlineData(5_000)]
    [InlineData(60_000)]
    public async Task Sample_OfAnotherSize_HasExactlyTheRowsAskedForAndNoBrokenReference(int size)
    {
        SampleLms lms = await SampleLms.CreateAsync(Path.Combine(folder, "lms.db"), size);

        LmsDigest shared = await lms.DigestAsync(customerId: null);
        LmsDigest leaving = await lms.DigestAsync(lms.Leaving.CustomerId);
        LmsDigest staying = await lms.DigestAsync(lms.Staying.CustomerId);
        Assert.Equal(size, shared.Rows + leaving.Rows + staying.Rows);
        Assert.Equal(0, await ScalarAsync<long>(lms, "SELECT count(*) FROM pragma_foreign_key_check"));
    }

    [Fact]
    public async Task Sample_TablesListed_AreTheTablesOfTheDatabase()
    {
        SampleLms lms = await SampleLms.CreateAsync(Path.Combine(folder, "lms.db"), SampleShape.MinimumRows);

        List<string> tables = await ListAsync(
            lms,
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        );

        Assert.Equal(
            tables.Order(StringComparer.Ordinal),
            LmsTables.All.Select(t => t.Table).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task Sample_BothCustomers_HaveRowsInEveryTable()
    {
        SampleLms lms = await SampleLms.CreateAsync(Path.Combine(folder, "lms.db"));

        foreach (SampleCustomer customer in lms.Customers)
        {
            IReadOnlyDictionary<string, long> counts = await lms.CountAsync(customer.CustomerId);
            Assert.DoesNotContain(counts, table => table.Value == 0);
        }
    }

    [Fact]
    public async Task Sample_NoRow_ReferencesARowOfTheOtherCustomer()
    {
        SampleLms lms = await SampleLms.CreateAsync(Path.Combine(folder, "lms.db"));
        Dictionary<string, string?> owners = LmsTables.All.ToDictionary(t => t.Table, t => t.Owner);

        int checkedKeys = 0;
        foreach ((string table, string? owner) in LmsTables.All.Where(t => t.Owner is not null))
        {
            foreach (
                string key in await ListAsync(
                    lms,
                    $"SELECT \"from\" || ' ' || \"table\" FROM pragma_foreign_key_list('{table}')"
                )
            )
            {
                (string column, string parent) = (key.Split(' ')[0], key.Split(' ')[1]);
                if (owners[parent] is not null)
                {
                    string crossing = $"SELECT count(*) FROM \"{table}\" WHERE \"{column}\" % 2 <> \"{owner}\" % 2";
                    Assert.True(await ScalarAsync<long>(lms, crossing) == 0, $"{table}.{column} crosses over");
                    checkedKeys++;
                }
            }
        }

        Assert.True(checkedKeys > 40);
    }

    [Fact]
    public async Task Sample_SameSeedAndAnchor_IsTheSame_AnotherSeedIsNot()
    {
        DateOnly anchor = new(2030, 2, 28);
        SampleLms first = await SampleLms.CreateAsync(Path.Combine(folder, "1.db"), 6_000, seed: 7, anchor);
        SampleLms again = await SampleLms.CreateAsync(Path.Combine(folder, "2.db"), 6_000, seed: 7, anchor);
        SampleLms other = await SampleLms.CreateAsync(Path.Combine(folder, "3.db"), 6_000, seed: 8, anchor);

        string digest = (await first.DigestAsync(first.Leaving.CustomerId)).Sha256;
        Assert.Equal(digest, (await again.DigestAsync(again.Leaving.CustomerId)).Sha256);
        Assert.NotEqual(digest, (await other.DigestAsync(other.Leaving.CustomerId)).Sha256);
        Assert.Equal(new DateOnly(2030, 4, 14), first.Leaving.TermEndsOn);
    }

    [Fact]
    public async Task Sample_TermEnd_IsTheContractsInTheDatabase()
    {
        SampleLms lms = await SampleLms.CreateAsync(
            Path.Combine(folder, "lms.db"),
            5_000,
            anchor: new DateOnly(2028, 2, 29)
        );

        Assert.Equal(
            "2028-04-14",
            await ScalarAsync<string>(
                lms,
                $"SELECT term_ends_on FROM contracts WHERE contract_number = '{lms.Leaving.ContractNumber}'"
            )
        );
    }

    [Fact]
    public async Task Sample_Invoices_AreSomeOlderAndSomeYoungerThanSevenFiscalYears()
    {
        SampleLms lms = await SampleLms.CreateAsync(
            Path.Combine(folder, "lms.db"),
            5_000,
            anchor: new DateOnly(2026, 11, 22)
        );

        Assert.True(
            await ScalarAsync<long>(
                lms,
                "SELECT count(*) FROM invoices WHERE id % 2 = 1 AND fiscal_year_ends_on <= '2019-12-31'"
            ) > 5
        );
        Assert.True(
            await ScalarAsync<long>(
                lms,
                "SELECT count(*) FROM invoices WHERE id % 2 = 1 AND fiscal_year_ends_on > '2019-12-31'"
            ) > 20
        );
    }

    [Theory]
    [InlineData("UPDATE users SET given_name = given_name || '!' WHERE id = 2")]
    [InlineData(
        "UPDATE user_profiles SET avatar = NULL WHERE user_id IN (SELECT user_id FROM user_profiles WHERE user_id % 2 = 0 AND avatar = x'' LIMIT 1)"
    )]
    [InlineData("DELETE FROM group_members WHERE group_id = 2 AND user_id = 2")]
    [InlineData(
        "INSERT INTO groups (id, organisation_id, name, created_at) VALUES (1000000, 2, 'new', '2026-01-01T00:00:00Z')"
    )]
    public async Task Digest_AnyChangeOfTheNeighbour_ShowsInItsDigestAlone(string change)
    {
        SampleLms lms = await SampleLms.CreateAsync(Path.Combine(folder, "lms.db"));
        string leaving = (await lms.DigestAsync(lms.Leaving.CustomerId)).Sha256;
        string staying = (await lms.DigestAsync(lms.Staying.CustomerId)).Sha256;

        await using (SqliteConnection connection = new(lms.ConnectionString + ";Pooling=False"))
        {
            await connection.OpenAsync();
            await using SqliteCommand command = connection.CreateCommand();
            command.CommandText = change;
            Assert.Equal(1, await command.ExecuteNonQueryAsync());
        }

        Assert.NotEqual(staying, (await lms.DigestAsync(lms.Staying.CustomerId)).Sha256);
        Assert.Equal(leaving, (await lms.DigestAsync(lms.Leaving.CustomerId)).Sha256);
    }

    [Fact]
    public async Task Media_Uploaded_AreWhatTheRowsSay()
    {
        await using AzuriteProcess azurite = await AzuriteProcess.StartAsync();
        SampleLms lms = await SampleLms.CreateAsync(Path.Combine(folder, "lms.db"), 5_000);

        IReadOnlyDictionary<string, int> counts = await lms.UploadMediaAsync(azurite.ConnectionString);

        BlobContainerClient container = new(azurite.ConnectionString, SampleLms.MediaContainer);
        Dictionary<string, long> blobs = [];
        await foreach (BlobItem blob in container.GetBlobsAsync())
        {
            blobs.Add(blob.Name, blob.Properties.ContentLength!.Value);
        }

        foreach (SampleCustomer customer in lms.Customers)
        {
            Assert.Equal(
                counts[customer.CustomerId],
                blobs.Keys.Count(name => name.StartsWith(customer.CustomerId + "/", StringComparison.Ordinal))
            );
        }

        List<string> rows = await ListAsync(lms, "SELECT size || ' ' || sha256 || ' ' || blob_name FROM media_files");
        foreach (string row in rows)
        {
            string[] parts = row.Split(' ', 3);
            Assert.Equal(long.Parse(parts[0]), blobs[parts[2]]);
        }

        string[] sample = rows[0].Split(' ', 3);
        BinaryData content = (await container.GetBlobClient(sample[2]).DownloadContentAsync()).Value.Content;
        Assert.Equal(sample[1], Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)));
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<T> ScalarAsync<T>(SampleLms lms, string sql)
    {
        await using SqliteConnection connection = new(lms.ConnectionString);
        await connection.OpenAsync();
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<List<string>> ListAsync(SampleLms lms, string sql)
    {
        await using SqliteConnection connection = new(lms.ConnectionString);
        await connection.OpenAsync();
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        await using SqliteDataReader reader = await command.ExecuteReaderAsync();
        List<string> values = [];
        while (await reader.ReadAsync())
        {
            values.Add(reader.GetString(0));
        }

        return values;
    }
}
