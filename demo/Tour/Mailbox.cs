using System.Text;

namespace Portability.Demo.Tour;

/// <summary>The folder that the application leaves its mails in, read as the customer's mailbox.</summary>
internal sealed class Mailbox(string folder)
{
    private readonly HashSet<string> seen = new(StringComparer.Ordinal);

    /// <summary>Number of mails so far.</summary>
    public int Count => seen.Count;

    /// <summary>Subjects and recipients of the mails that came since the last call.</summary>
    public IReadOnlyList<(string To, string Subject)> NewMails()
    {
        List<(string, string)> mails = [];
        foreach (FileInfo file in new DirectoryInfo(folder).GetFiles("*.eml").OrderBy(file => file.LastWriteTimeUtc))
        {
            if (seen.Add(file.Name))
            {
                Dictionary<string, string> headers = Headers(file.FullName);
                mails.Add(
                    (Decode(headers.GetValueOrDefault("to", "?")), Decode(headers.GetValueOrDefault("subject", "?")))
                );
            }
        }

        return mails;
    }

    private static Dictionary<string, string> Headers(string path)
    {
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        string? name = null;
        foreach (string line in File.ReadLines(path).TakeWhile(line => line.Length > 0))
        {
            if (name is not null && line[0] is ' ' or '\t')
            {
                headers[name!] += line;
            }
            else if (line.IndexOf(':', StringComparison.Ordinal) is > 0 and int colon)
            {
                name = line[..colon];
                headers[name] = line[(colon + 1)..].Trim();
            }
        }

        return headers;
    }

    /// <summary>Undoes RFC 2047: <c>=?utf-8?B?…?=</c> words, where blanks between two words mean nothing.</summary>
    private static string Decode(string header)
    {
        StringBuilder text = new();
        foreach (string part in header.Split(' ', '\t'))
        {
            string[] word = part.Split('?');
            if (word is ["=", _, _, var data, "="])
            {
                byte[] bytes = word[2] is "B" or "b" ? Convert.FromBase64String(data) : QuotedPrintable(data);
                text.Append(Encoding.GetEncoding(word[1]).GetString(bytes));
            }
            else if (part.Length > 0)
            {
                text.Append(text.Length > 0 ? " " : "").Append(part);
            }
        }

        return text.ToString();
    }

    private static byte[] QuotedPrintable(string data)
    {
        List<byte> bytes = [];
        for (int i = 0; i < data.Length; i++)
        {
            if (data[i] == '=' && i + 2 < data.Length)
            {
                bytes.Add(Convert.ToByte(data.Substring(i + 1, 2), 16));
                i += 2;
            }
            else
            {
                bytes.Add(data[i] == '_' ? (byte)' ' : (byte)data[i]);
            }
        }

        return [.. bytes];
    }
}
