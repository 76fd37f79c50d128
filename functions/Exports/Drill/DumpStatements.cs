using System.Text;

namespace Portability.Exports.Drill;

/// <summary>
/// Cuts a dump into its statements, one at a time, however large the dump. Knows what a semicolon can hide in: literals, quoted names,
/// comments.
/// </summary>
internal sealed class DumpStatements(Stream dump) : IDisposable
{
    private readonly StreamReader _text = new(dump, Encoding.UTF8, false, 1 << 16);
    private readonly char[] _buffer = new char[1 << 15];
    private readonly StringBuilder _statement = new();
    private int _at;
    private int _end;
    private string? _until;
    private char _last;

    /// <summary>The next statement without its semicolon; null at the end.</summary>
    /// <exception cref="InvalidDataException">The dump ends in the middle of a statement.</exception>
    public async ValueTask<string?> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_at == _end)
            {
                (_at, _end) = (0, await _text.ReadAsync(_buffer, cancellationToken));
                if (_end == 0)
                {
                    Trailer = _statement.ToString().Trim();
                    _statement.Clear();
                    return Trailer.Split('\n').All(IsComment)
                        ? null
                        : throw new InvalidDataException("The dump ends in the middle of a statement.");
                }
            }

            var begin = _at;
            while (_at < _end)
            {
                if (Ends(_buffer[_at++]))
                {
                    var statement = _statement.Append(_buffer, begin, _at - begin - 1).ToString();
                    _statement.Clear();
                    return statement;
                }
            }

            _statement.Append(_buffer, begin, _end - begin);
        }
    }

    /// <summary>The comments after the last statement; empty before the end.</summary>
    public string Trailer { get; private set; } = "";

    public void Dispose() => _text.Dispose();

    private static bool IsComment(string line) => line.Length == 0 || line.StartsWith("--", StringComparison.Ordinal);

    /// <summary>Takes one character; true for a semicolon that ends the statement.</summary>
    private bool Ends(char c)
    {
        var last = _last;
        _last = c;
        if (_until is not null)
        {
            // A doubled quote ends the literal and begins another, which comes to the same.
            if (_until.Length == 1 ? c == _until[0] : last == _until[0] && c == _until[1])
            {
                (_until, _last) = (null, '\0');
            }

            return false;
        }

        _until = c switch
        {
            '\'' => "'",
            '"' => "\"",
            '`' => "`",
            '[' => "]",
            '-' when last == '-' => "\n",
            '*' when last == '/' => "*/",
            _ => null,
        };
        if (c == '*' && _until is not null)
        {
            _last = '\0';
        }

        return c == ';';
    }
}
