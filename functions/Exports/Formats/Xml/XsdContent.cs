using System.Text;
using Portability.DataMap;
using Portability.Sources;

namespace Portability.Exports.Formats.Xml;

/// <summary>The XML Schema of a table's or a document's XML files.</summary>
internal sealed class XsdContent(ContentInput input) : IFileContent
{
    private const string Encoding = "<xs:attribute name=\"encoding\" type=\"encoding\"/>";

    private readonly StringBuilder _text = new();
    private int _depth;

    public long Rows => 0;

    public DateTimeOffset Snapshot => input.Snapshot;

    public ValueTask<bool> FillAsync(RowBuffer output, CancellationToken cancellationToken)
    {
        Line("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        Open("xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"");
        Open($"xs:element name=\"{XmlText.Element(input.Name)}\"");
        Open("xs:complexType");
        Open("xs:sequence");
        Rowset(input.Root, input.Document?.Include ?? []);
        Close("xs:sequence");
        Close("xs:complexType");
        Close("xs:element");
        Types();
        Close("xs:schema");
        output.Write(XmlText.Utf8Bytes(_text.ToString()));
        return ValueTask.FromResult(false);
    }

    public ValueTask DisposeAsync() => input.Connection.DisposeAsync();

    private void Rowset(ScopedDataset dataset, IReadOnlyList<ScopedRelation> include)
    {
        Open($"xs:element name=\"{XmlSyntax.Row}\" minOccurs=\"0\" maxOccurs=\"unbounded\"");
        Members(dataset, include);
        Close("xs:element");
    }

    private void Members(ScopedDataset dataset, IReadOnlyList<ScopedRelation> include)
    {
        Open("xs:complexType");
        Open("xs:sequence");
        foreach (var column in dataset.ExportColumns)
        {
            // An engine that does not hold values to types does not always hold keys to their values either.
            var nillable = column.Nullable || !input.IsStrict ? " nillable=\"true\"" : "";
            Line($"<xs:element name=\"{XmlText.Element(column.Name)}\" type=\"{NameOf(column.Kind)}\"{nillable}/>");
        }

        foreach (var relation in include)
        {
            var name = XmlText.Element(relation.As);
            Open($"xs:element name=\"{name}\"{(relation.Many ? "" : " nillable=\"true\"")}");
            if (relation.Many)
            {
                Open("xs:complexType");
                Open("xs:sequence");
                Rowset(relation.Dataset, relation.Include);
                Close("xs:sequence");
                Close("xs:complexType");
            }
            else
            {
                Members(relation.Dataset, relation.Include);
            }

            Close("xs:element");
        }

        Close("xs:sequence");
        Close("xs:complexType");
    }

    private void Types()
    {
        Line(
            "<xs:simpleType name=\"encoding\"><xs:restriction base=\"xs:string\"><xs:enumeration value=\"base64\"/>"
                + "<xs:enumeration value=\"base64-text\"/></xs:restriction></xs:simpleType>"
        );
        foreach (var kind in Enum.GetValues<ColumnKind>())
        {
            var (name, type) = (NameOf(kind), TypeOf(kind));
            if (IsExact(kind))
            {
                Complex(name, type);
                continue;
            }

            // The column says what to expect; what else the source holds there is text.
            Line($"<xs:simpleType name=\"{name}-value\"><xs:union memberTypes=\"{type} xs:string\"/></xs:simpleType>");
            Complex(name, $"{name}-value");
        }
    }

    private void Complex(string name, string type) =>
        Line(
            $"<xs:complexType name=\"{name}\"><xs:simpleContent><xs:extension base=\"{type}\">{Encoding}</xs:extension>"
                + "</xs:simpleContent></xs:complexType>"
        );

    /// <summary>True when every value the source can hold is of the type. Strict engines too have infinite dates and decimals.</summary>
    private bool IsExact(ColumnKind kind) =>
        TypeOf(kind) == "xs:string"
        || (input.IsStrict && kind is ColumnKind.Integer or ColumnKind.Boolean or ColumnKind.Real or ColumnKind.Blob);

    private static string NameOf(ColumnKind kind) => $"t-{kind}";

    private static string TypeOf(ColumnKind kind) =>
        kind switch
        {
            ColumnKind.Integer => "xs:integer",
            ColumnKind.Decimal => "xs:decimal",
            ColumnKind.Real => "xs:double",
            ColumnKind.Boolean => "xs:boolean",
            ColumnKind.Date => "xs:date",
            ColumnKind.DateTime => "xs:dateTime",
            ColumnKind.Blob => "xs:base64Binary",
            _ => "xs:string",
        };

    private void Open(string tag)
    {
        Line($"<{tag}>");
        _depth++;
    }

    private void Close(string tag)
    {
        _depth--;
        Line($"</{tag}>");
    }

    private void Line(string text) => _text.Append(' ', _depth * 2).Append(text).Append('\n');
}
