using System.Text;
using Microsoft.AspNetCore.Http;
using Portability.Http.Parsing;
using Portability.Http.Problems;
using Portability.Terminations;

namespace Portability.Tests.Http;

public sealed class ParsingTests
{
    [Theory]
    [InlineData("2027-03-01T08:30:00Z", "2027-03-01T08:30:00.0000000+00:00")]
    [InlineData("2027-03-01T08:30:00.1234567+02:00", "2027-03-01T06:30:00.1234567+00:00")]
    public void Instant_AsInRfc3339_IsReadInUtc(string text, string expected)
    {
        Assert.True(Formats.TryInstant(text, out DateTimeOffset instant));
        Assert.Equal(expected, instant.ToString("O"));
    }

    [Theory]
    [InlineData("2027-03-01")]
    [InlineData("2027-03-01T08:30Z")]
    [InlineData("2027-03-01T08:30:00")]
    [InlineData("2027-03-01 08:30:00Z")]
    [InlineData("2027-03-01t08:30:00z")]
    [InlineData("2027-02-30T08:30:00Z")]
    [InlineData("2027-03-01T25:30:00Z")]
    [InlineData("2027-03-01T08:30:60Z")]
    [InlineData("2027-03-01T08:30:00.12345678Z")]
    [InlineData("2027-03-01T08:30:00+2:00")]
    [InlineData("2027-03-01T08:30:00Z\n")]
    [InlineData("٢٠٢٧-03-01T08:30:00Z")]
    [InlineData("0001-01-01T00:00:00+14:00")]
    [InlineData("03/01/2027")]
    public void Instant_InAnyOtherForm_IsRefused(string text) => Assert.False(Formats.TryInstant(text, out _));

    [Theory]
    [InlineData("2028-02-29", true)]
    [InlineData("2027-02-29", false)]
    [InlineData("2027-2-1", false)]
    [InlineData("2027-02-01T00:00:00Z", false)]
    [InlineData("20270201", false)]
    public void Date_IsYearMonthDayAndNothingElse(string text, bool valid) =>
        Assert.Equal(valid, Formats.TryDate(text, out _));

    [Theory]
    [InlineData("P30D", 30 * 24)]
    [InlineData("P1W", 7 * 24)]
    [InlineData("P1DT12H", 36)]
    [InlineData("PT0.5H", null)]
    [InlineData("P1M", null)]
    [InlineData("P1Y", null)]
    [InlineData("-P1D", null)]
    [InlineData("P-1D", null)]
    [InlineData("30 days", null)]
    [InlineData("", null)]
    public void Duration_IsIso8601OfAFixedLength(string text, int? hours)
    {
        bool valid = Formats.TryDuration(text, out TimeSpan duration);

        Assert.Equal(hours is not null, valid);
        Assert.Equal(TimeSpan.FromHours(hours ?? 0), duration);
    }

    [Theory]
    [InlineData("erasureOnly", true)]
    [InlineData("ErasureOnly", false)]
    [InlineData("2", false)]
    [InlineData("erasureOnly,cause", false)]
    [InlineData("", false)]
    public void Choice_IsOneMemberInCamelCase(string text, bool valid) =>
        Assert.Equal(valid, Formats.TryChoice(text, out NoticeKind _));

    [Fact]
    public async Task Body_WithManyFaults_IsRefusedWithAllOfThem()
    {
        Problem problem = await RefusedAsync(
            """
            {"text":"","email":"Ann <ann@example.com>","at":"today","on":"2027-13-01","many":1.5,"kind":"Cause",
             "flag":"yes","list":["a",""],"part":{"inner":"a\u0007b","odd":true},"extra":1}
            """,
            fields =>
            {
                fields.Text("text");
                fields.Text("gone");
                fields.MailAddress("email");
                fields.Instant("at");
                fields.Date("on");
                fields.Integer("many");
                fields.Choice<NoticeKind>("kind");
                fields.Flag("flag");
                fields.OptionalTexts("list");
                fields.Object("part").Text("inner");
                fields.Object("absent").Text("inner");
                fields.NullableObject("stated");
            }
        );

        Assert.Equal((400, "invalid-request"), (problem.Status, problem.Slug));
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["absent"] = "is missing",
                ["at"] = "must be an instant as in RFC 3339, such as 2027-03-01T08:30:00Z",
                ["email"] = "must be a mail address such as name@example.com",
                ["extra"] = "is not a member of this request",
                ["flag"] = "must be true or false",
                ["gone"] = "is missing",
                ["kind"] = "must be one of nonRenewal, switching, erasureOnly, cause",
                ["list"] = "each item must not be empty",
                ["many"] = "must be a whole number",
                ["on"] = "must be a date YYYY-MM-DD",
                ["part.inner"] = "must not hold control characters",
                ["part.odd"] = "is not a member of this request",
                ["stated"] = "is missing",
                ["text"] = "must not be empty",
            },
            problem.Errors.ToDictionary(e => e.Key, e => Assert.Single(e.Value))
        );
    }

    [Theory]
    [InlineData("{\"a\":1,\n \"b\":}", "2", "6")]
    [InlineData("{\"a\":1", "1", "7")]
    [InlineData("nonsense", "1", "2")]
    [InlineData("{\"a\":1} trailing", "1", "9")]
    [InlineData("{\"a\":1,}", "1", "8")]
    public async Task Body_ThatIsNoJson_IsRefusedWithThePlace(string body, string line, string position)
    {
        Problem problem = await RefusedAsync(body);

        Assert.Equal((400, "malformed-json"), (problem.Status, problem.Slug));
        Assert.Equal((line, position), (problem.Data["line"], problem.Data["position"]));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("null")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"a\":\"\\ud800\"}")]
    [InlineData("{\"\\ud800\":1}")]
    [InlineData("{\"a\":[{\"b\":\"\\udc00\"}]}")]
    public async Task Body_ThatIsNoObjectOfText_IsRefused(string body) =>
        Assert.Equal((400, "malformed-json"), (await RefusedAsync(body)) is var p ? (p.Status, p.Slug) : default);

    [Fact]
    public async Task Body_NestedTooDeep_IsRefused() =>
        Assert.Equal(400, (await RefusedAsync(new string('[', 100_0) + new string(']', 100_0))).Status);

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=iso-8859-1")]
    [InlineData("")]
    public async Task Body_OfAnotherContentType_IsRefused(string contentType) =>
        Assert.Equal(415, (await RefusedAsync("{}", contentType: contentType)).Status);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Body_TooLarge_IsRefusedWhetherOrNotItSaysSo(bool stated)
    {
        string body = $"{{\"a\":\"{new string('x', JsonBody.Limit)}\"}}";

        Assert.Equal(413, (await RefusedAsync(body, stated: stated)).Status);
    }

    [Fact]
    public async Task Body_Absent_IsAnEmptyObject()
    {
        JsonBody body = await JsonBody.ReadAsync(Request("", contentType: null, stated: true));

        body.Fields.Done();
    }

    private static async Task<Problem> RefusedAsync(
        string body,
        Action<JsonFields>? read = null,
        string contentType = "application/json; charset=utf-8",
        bool stated = true
    )
    {
        var refused = await Assert.ThrowsAsync<ProblemException>(async () =>
        {
            JsonFields fields = (await JsonBody.ReadAsync(Request(body, contentType, stated))).Fields;
            read?.Invoke(fields);
            fields.Done();
        });
        return refused.Problem;
    }

    private static HttpRequest Request(string body, string? contentType, bool stated)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        HttpRequest request = new DefaultHttpContext().Request;
        request.Method = "POST";
        request.ContentType = contentType;
        request.ContentLength = stated ? bytes.Length : null;
        request.Body = new MemoryStream(bytes);
        return request;
    }
}
