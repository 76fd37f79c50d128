using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Exports.Formats;

/// <summary>Rows as JSON objects: in one array with a row a line, or, as NDJSON, each a line of its own.</summary>
internal sealed class JsonSyntax(bool lines) : DocumentSyntax
{
    /// <summary>How values are written, for the manifest.</summary>
    public const string ValueNote =
        "JSON: numbers have all their digits (use a reader that keeps them beyond 2^53); binary values are base64; infinite "
        + "numbers are the strings Infinity and -Infinity; a column that holds JSON is embedded.";

    public override string Format => lines ? "NDJSON" : "JSON";

    public override byte[] Name(string name) => JsonText.Name(name);

    public override void BeginFile(RowBuffer output) => output.Write(lines ? ""u8 : "["u8);

    public override void EndFile(RowBuffer output) => output.Write(lines ? ""u8 : "\n]\n"u8);

    public override void BeginTop(RowBuffer output, long index)
    {
        if (!lines)
        {
            output.Write(index == 0 ? "\n"u8 : ",\n"u8);
        }

        output.Write((byte)'{');
    }

    public override void BeginRow(RowBuffer output, byte[] relation, bool many, int index) =>
        output.Write(index == 0 ? "{"u8 : ",{"u8);

    public override string? WriteMember(RowBuffer output, byte[] name, int index, in Cell cell, ColumnKind kind)
    {
        if (index > 0)
        {
            output.Write((byte)',');
        }

        output.Write(name);
        return JsonText.TryWrite(output, cell, kind, oneLine: lines) ? null : "the text is not valid UTF-8";
    }

    public override void EndTop(RowBuffer output) => output.Write(lines ? "}\n"u8 : "}"u8);

    public override void EndRow(RowBuffer output, byte[] relation, bool many) => output.Write((byte)'}');

    public override void BeginRelation(RowBuffer output, byte[] name, int index, bool many)
    {
        if (index > 0)
        {
            output.Write((byte)',');
        }

        output.Write(name);
        output.Write(many ? "["u8 : ""u8);
    }

    public override void EndRelation(RowBuffer output, byte[] name, bool many, int count) =>
        output.Write(
            many ? "]"u8
            : count == 0 ? "null"u8
            : ""u8
        );
}
