using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Portability.Http.Problems;

namespace Portability.Http.Parsing;

/// <summary>A request's JSON object, read whole.</summary>
/// <param name="Root">The object.</param>
/// <param name="Sha256">Of the bytes as they came, lower-case hex: tells one body from another.</param>
public sealed record JsonBody(JsonElement Root, string Sha256)
{
    /// <summary>Bytes. The largest honest request is a few kilobytes.</summary>
    public const int Limit = 64 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>The members, to be read one by one.</summary>
    public JsonFields Fields => new(Root);

    /// <summary>Reads the body; an absent one counts as an empty object.</summary>
    /// <exception cref="ProblemException">400, 413 or 415.</exception>
    public static async Task<JsonBody> ReadAsync(HttpRequest request)
    {
        ReadOnlyMemory<byte> bytes = await ReadBytesAsync(request);
        string hash = Convert.ToHexStringLower(SHA256.HashData(bytes.Span));
        if (bytes.IsEmpty)
        {
            return new JsonBody(JsonElement.Parse("{}"), hash);
        }
        if (!IsJson(request))
        {
            throw new ProblemException(ApiProblems.WrongContentType());
        }
        return new JsonBody(Parse(bytes), hash);
    }

    private static JsonElement Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes, Strict);
            RequireUnicode(document.RootElement);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new ProblemException(ApiProblems.Malformed("The body is JSON, but not an object."));
        }
        catch (JsonException malformed) when (malformed.LineNumber is { } line)
        {
            long position = (malformed.BytePositionInLine ?? 0) + 1;
            throw new ProblemException(
                ApiProblems.Malformed($"The body is not JSON: line {line + 1}, byte {position}.", line + 1, position),
                malformed
            );
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            throw new ProblemException(
                ApiProblems.Malformed("The body names a member twice, or holds half of a surrogate pair."),
                malformed
            );
        }
    }

    // Half a surrogate pair, escaped, is JSON by its grammar but no text: it shows only when the string is read.
    private static void RequireUnicode(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                _ = value.GetString();
                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in value.EnumerateArray())
                {
                    RequireUnicode(item);
                }
                break;
            case JsonValueKind.Object:
                foreach (JsonProperty member in value.EnumerateObject())
                {
                    _ = member.Name;
                    RequireUnicode(member.Value);
                }
                break;
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBytesAsync(HttpRequest request)
    {
        if (request.ContentLength > Limit)
        {
            throw new ProblemException(ApiProblems.TooLarge(Limit));
        }
        var bytes = new ArrayBufferWriter<byte>();
        while (true)
        {
            Memory<byte> room = bytes.GetMemory(4096);
            int read = await request.Body.ReadAsync(room, request.HttpContext.RequestAborted);
            if (read == 0)
            {
                return bytes.WrittenMemory;
            }
            bytes.Advance(read);
            if (bytes.WrittenCount > Limit)
            {
                throw new ProblemException(ApiProblems.TooLarge(Limit));
            }
        }
    }

    private static bool IsJson(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
        && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        && request.Headers.ContentEncoding.Count == 0;
}
