using System.Data.Common;
using Portability.DataMap;
using Portability.Demo;
using Portability.Demo.Lms;
using Portability.Sources;

namespace Portability.Tests.Demo;

public sealed class SampleDataMapTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sample-map-").FullName;

    [Fact]
    public async Task SampleMap_AgainstTheSampleDatabase_ClassifiesEveryTable()
    {
        (ScopePlan plan, SampleLms _, SqliteSource _) = await PlanAsync();

        Assert.Equal(
            LmsTables.All.Select(t => t.Table).Order(StringComparer.Ordinal),
            plan.Datasets.Select(d => d.Table.Name).Order(StringComparer.Ordinal)
        );
        Assert.Equal(3, plan.Documents.Count);
    }

    [Fact]
    public async Task SampleMap_ScopeOfEachTable_IsTheCustomersRowsAndNoOthers()
    {
        (ScopePlan plan, SampleLms lms, SqliteSource source) = await PlanAsync();
        await using DbConnection connection = await source.OpenReadAsync(default);

        foreach (SampleCustomer customer in lms.Customers)
        {
            IReadOnlyDictionary<string, long> expected = await lms.CountAsync(customer.CustomerId);
            foreach ((string table, string? owner) in LmsTables.All)
            {
                ScopedDataset dataset = plan.OfTable(table)!;
                if (owner is not null)
                {
                    string foreign = $"({dataset.Where}) AND t.\"{owner}\" % 2 <> {customer.OrganisationId % 2}";
                    Assert.Equal(
                        (table, expected[table]),
                        (table, await CountAsync(connection, table, dataset.Where, customer))
                    );
                    Assert.Equal((table, 0L), (table, await CountAsync(connection, table, foreign, customer)));
                }
            }
        }
    }

    [Fact]
    public async Task SampleMap_ErasureOrder_PutsChildrenBeforeParents()
    {
        (ScopePlan plan, SampleLms _, SqliteSource _) = await PlanAsync();
        Dictionary<string, int> place = plan
            .Datasets.Select((dataset, i) => (dataset.Table.Name, i))
            .ToDictionary(pair => pair.Name, pair => pair.i, StringComparer.OrdinalIgnoreCase);

        foreach (ScopedDataset dataset in plan.Datasets)
        {
            foreach (ForeignKey key in dataset.Table.ForeignKeys.Except(dataset.Broken))
            {
                Assert.True(
                    key.ReferencedTable == dataset.Table.Name || place[dataset.Table.Name] < place[key.ReferencedTable],
                    $"{dataset.Table.Name} comes after {key.ReferencedTable}, which it refers to"
                );
            }
        }
    }

    [Fact]
    public async Task SampleMap_SecretColumns_AreLeftOutOfExports()
    {
        (ScopePlan plan, SampleLms _, SqliteSource _) = await PlanAsync();

        foreach (string secret in (string[])["password_hash", "mfa_secret", "token_hash"])
        {
            Assert.DoesNotContain(
                plan.Datasets.Where(d => d.Map.NotExported is null),
                dataset => dataset.ExportColumns.Any(column => column.Name == secret)
            );
        }
    }

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    private async Task<(ScopePlan Plan, SampleLms Lms, SqliteSource Source)> PlanAsync()
    {
        SampleLms lms = await SampleLms.CreateAsync(Path.Combine(folder, "lms.db"));
        TenantDataMap map = DataMapReader.Read(Checkout.Find("demo/datamap.json")!);
        SqlSystem system = map.Systems.OfType<SqlSystem>().Single();
        SqliteSource source = new(system.Name, lms.ConnectionString);
        Catalogue catalogue = await source.ReadCatalogueAsync(default);
        return (ScopePlanner.Plan(map, system, catalogue, source.Dialect), lms, source);
    }

    private static async Task<long> CountAsync(
        DbConnection connection,
        string table,
        string where,
        SampleCustomer customer
    )
    {
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM \"{table}\" t WHERE {where}";
        DbParameter tenant = command.CreateParameter();
        tenant.ParameterName = "@tenant";
        tenant.Value = customer.CustomerId;
        command.Parameters.Add(tenant);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
