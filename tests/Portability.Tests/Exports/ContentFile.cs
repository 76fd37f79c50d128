using Portability.Exports.Formats;

namespace Portability.Tests.Exports;

/// <summary>Writes a content into a file, as an export does into a blob.</summary>
internal static class ContentFile
{
    public static async Task WriteAsync(IFileContent content, string path)
    {
        await using var file = File.Create(path);
        using var buffer = new RowBuffer();
        var (more, attempt) = (true, 0);
        while (more)
        {
            more = await content.FillAsync(buffer, default);
            if (content.Attempt != attempt)
            {
                attempt = content.Attempt;
                file.SetLength(0);
            }

            file.Write(buffer.Written.Span);
            buffer.Clear();
        }
    }
}
