using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace Portability.Tests.Http;

/// <summary>GET /terminations/{id}/preview, held against the database.</summary>
public sealed partial class CallTests
{
    private string Case => $"terminations/{house.CaseId}";

    [Fact]
    public async Task Preview_OfAnOpenCase_CountsOrdersEstimatesAndChangesNothing()
    {
        var before = await house.SendAsync("GET", Case, house.Tokens.Agent);

        var preview = await house.SendAsync("GET", $"{Case}/preview", house.Tokens.Officer);

        Assert.Equal(HttpStatusCode.OK, preview.Status);
        var body = preview.Body!;
        var erased = body["erasure"]!["datasets"]!.AsArray();
        foreach (var table in new[] { "users", "invoices", "report_lines" })
        {
            var line = erased.Single(line => line!["dataset"]!.ToString() == table)!;
            Assert.Equal(Count(table), line["rows"]!.GetValue<long>());
        }
        var order = erased.Select(line => line!["dataset"]!.ToString()).ToList();
        Assert.True(order.IndexOf("report_lines") < order.IndexOf("reports"));
        Assert.True(order.IndexOf("enrolments") < order.IndexOf("users"));
        Assert.Equal("organisations", order.Last(name => name is "users" or "courses" or "organisations"));
        var invoices = erased.Single(line => line!["dataset"]!.ToString() == "invoices")!;
        Assert.NotEmpty(invoices["retained"]!.AsArray());
        Assert.True(invoices["deleted"]!.GetValue<long>() > 0);

        var users = body["export"]!["datasets"]!.AsArray().Single(line => line!["dataset"]!.ToString() == "users")!;
        Assert.Equal(Count("users"), users["rows"]!.GetValue<long>());
        Assert.True(users["bytes"]!.GetValue<long>() > Count("users") * 20);
        Assert.True(body["export"]!["estimatedBytes"]!.GetValue<long>() > 100_000);
        Assert.Contains(body["blockers"]!.AsArray(), blocker => blocker!["code"]!.ToString() == "in-service");
        Assert.DoesNotContain(body["blockers"]!.AsArray(), blocker => blocker!["of"]!.ToString() != "case");
        Assert.Equal(
            before.Body!.ToJsonString(),
            (await house.SendAsync("GET", Case, house.Tokens.Agent)).Body!.ToJsonString()
        );
    }

    [Fact]
    public async Task Preview_WithATableThatTheMapDoesNotName_SaysSo()
    {
        Run("CREATE TABLE surprise (id INTEGER PRIMARY KEY)");
        try
        {
            var preview = await house.SendAsync("GET", $"{Case}/preview", house.Tokens.Agent);

            Assert.Equal(HttpStatusCode.OK, preview.Status);
            Assert.Contains(Blockers(preview, "export"), text => text.Contains("surprise", StringComparison.Ordinal));
            Assert.Contains(Blockers(preview, "erasure"), text => text.Contains("surprise", StringComparison.Ordinal));
        }
        finally
        {
            Run("DROP TABLE surprise");
        }
    }

    [Fact]
    public async Task Preview_IsForAgentsAndOfficersAlone()
    {
        (await house.SendAsync("GET", $"{Case}/preview", house.Tokens.Contracts)).IsProblem(403, "wrong-role");
        (await house.SendAsync("GET", $"{Case}/preview", null)).IsProblem(401, "no-token");
        (await house.SendAsync("GET", $"terminations/{Guid.NewGuid()}/preview", house.Tokens.Agent)).IsProblem(
            404,
            "unknown-case"
        );
    }

    private static IEnumerable<string> Blockers(ApiReply preview, string of) =>
        preview.Body!["blockers"]!
            .AsArray()
            .Where(b => b!["of"]!.ToString() == of)
            .Select(b => b!["message"]!.ToString());

    private long Count(string table)
    {
        var scope = table switch
        {
            "report_lines" =>
                "report_id IN (SELECT r.id FROM reports r JOIN organisations o ON o.id = r.organisation_id WHERE o.customer_id = $c)",
            _ => "organisation_id IN (SELECT id FROM organisations WHERE customer_id = $c)",
        };
        using var connection = new SqliteConnection(house.Land.Lms.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM {table} WHERE {scope}";
        command.Parameters.AddWithValue("$c", house.Land.Lms.Leaving.CustomerId);
        return (long)command.ExecuteScalar()!;
    }

    private void Run(string sql)
    {
        using var connection = new SqliteConnection(house.Land.Lms.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
