using System.Text;
using Portability.Http.Problems;
using Portability.Terminations;

namespace Portability.Tests.Http;

public sealed class ProblemTests
{
    [Fact]
    public void Problem_OfALateNotice_ReadsAsDocumented()
    {
        var refusal = new Refusal(
            RefusalKind.BreaksRule,
            "late-notice",
            "It came too late.",
            "Register it for the next."
        )
        {
            Field = "notice.receivedAt",
            Data = new Dictionary<string, string> { ["lastDayForNotice"] = "2027-03-01", ["status"] = "never" },
        };

        Assert.Equal(
            """{"type":"/problems/late-notice","title":"Late notice","status":422,"detail":"It came too late.","next":"Register it for the next.","errors":{"notice.receivedAt":["It came too late."]},"lastDayForNotice":"2027-03-01"}""",
            Encoding.UTF8.GetString(ApiProblems.Of(refusal).ToJson())
        );
    }

    [Theory]
    [InlineData(RefusalKind.WrongState, 409)]
    [InlineData(RefusalKind.BreaksRule, 422)]
    [InlineData(RefusalKind.Forbidden, 403)]
    [InlineData(RefusalKind.Unknown, 404)]
    [InlineData(RefusalKind.Gone, 410)]
    public void Problem_OfARefusal_HasTheContractsStatus(RefusalKind kind, int status) =>
        Assert.Equal(status, ApiProblems.Of(new Refusal(kind, "some-code", "Detail.", "Next.")).Status);
}
