using System.Text;
using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Exports.Formats.Xml;

/// <summary>
/// Rows as elements: the file's root holds <c>row</c> elements, a row holds an element a column, a list holds <c>row</c>
/// elements again. A null is an element with <c>xsi:nil</c>, an empty text an empty element.
/// </summary>
internal sealed class XmlSyntax(string name) : DocumentSyntax
{
    /// <summary>How values are written, for the manifest.</summary>
    public const string Note =
        "XML: one element a column, named as it is; signs that names cannot have are written _xHHHH_. A null has xsi:nil=\"true\", "
        + "an empty text is an empty element. Binary values are base64 and have encoding=\"base64\"; a text with control "
        + "characters, which XML does not allow, is base64 of its UTF-8 and has encoding=\"base64-text\". The schema of "
        + "NAME.xml is schemas/NAME.xsd, that of the parts NAME-0001.xml and so on too; a value that is not of its column's "
        + "type is allowed as text where the source database allows it.";

    public const string Row = "row";

    private readonly byte[] _root = Encoding.UTF8.GetBytes(XmlText.Element(name));

    public override string Format => "XML";

    public override byte[] Name(string name) => Encoding.UTF8.GetBytes(XmlText.Element(name));

    public override void BeginFile(RowBuffer output)
    {
        output.Write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<"u8);
        output.Write(_root);
        var schema = Uri.EscapeDataString(new FileNames().Take("", name + ".xsd"));
        output.Write(
            XmlText.Utf8Bytes(
                " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
                    + $"xsi:noNamespaceSchemaLocation=\"../schemas/{XmlText.Attribute(schema)}\">"
            )
        );
    }

    public override void EndFile(RowBuffer output)
    {
        output.Write("\n"u8);
        End(output, _root);
        output.Write((byte)'\n');
    }

    public override void BeginTop(RowBuffer output, long index) => output.Write("\n<row>"u8);

    public override void EndTop(RowBuffer output) => output.Write("</row>"u8);

    public override void BeginRow(RowBuffer output, byte[] relation, bool many, int index)
    {
        if (many)
        {
            output.Write("<row>"u8);
        }
        else
        {
            Begin(output, relation);
        }
    }

    public override void EndRow(RowBuffer output, byte[] relation, bool many)
    {
        if (many)
        {
            output.Write("</row>"u8);
        }
        else
        {
            End(output, relation);
        }
    }

    public override string? WriteMember(RowBuffer output, byte[] name, int index, in Cell cell, ColumnKind kind)
    {
        output.Write((byte)'<');
        output.Write(name);
        if (cell.Kind == CellKind.Null)
        {
            output.Write(" xsi:nil=\"true\"/>"u8);
            return null;
        }

        var encoded = XmlText.IsEncoded(cell);
        output.Write(
            !encoded ? ">"u8
            : cell.Kind == CellKind.Blob ? " encoding=\"base64\">"u8
            : " encoding=\"base64-text\">"u8
        );
        XmlText.Write(output, cell, kind, encoded);
        End(output, name);
        return XmlText.WhyNot(cell);
    }

    public override void BeginRelation(RowBuffer output, byte[] name, int index, bool many)
    {
        if (many)
        {
            Begin(output, name);
        }
    }

    public override void EndRelation(RowBuffer output, byte[] name, bool many, int count)
    {
        if (many)
        {
            End(output, name);
        }
        else if (count == 0)
        {
            output.Write((byte)'<');
            output.Write(name);
            output.Write(" xsi:nil=\"true\"/>"u8);
        }
    }

    private static void Begin(RowBuffer output, byte[] name)
    {
        output.Write((byte)'<');
        output.Write(name);
        output.Write((byte)'>');
    }

    private static void End(RowBuffer output, byte[] name)
    {
        output.Write("</"u8);
        output.Write(name);
        output.Write((byte)'>');
    }
}
