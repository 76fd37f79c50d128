using System.Linq.Expressions;
using Azure.Data.Tables.Serialization;

namespace Azure.Data.Tables.Query;

/// <summary>Translates a predicate over a row into the service's filter language.</summary>
static class ODataExpression
{
    public static string Translate(LambdaExpression predicate) => Condition(predicate.Body, predicate.Parameters[0]);

    static string Condition(Expression node, ParameterExpression row) =>
        node switch
        {
            BinaryExpression { NodeType: ExpressionType.AndAlso or ExpressionType.And } both =>
                $"({Condition(both.Left, row)}) and ({Condition(both.Right, row)})",
            BinaryExpression { NodeType: ExpressionType.OrElse or ExpressionType.Or } either =>
                $"({Condition(either.Left, row)}) or ({Condition(either.Right, row)})",
            BinaryExpression comparison => Comparison(comparison, row),
            UnaryExpression { NodeType: ExpressionType.Not } not => $"not ({Condition(not.Operand, row)})",
            UnaryExpression { NodeType: ExpressionType.Convert } cast => Condition(cast.Operand, row),
            // true alone matches every row, which the filter language cannot say otherwise than by leaving the filter out.
            ConstantExpression { Value: true } => "",
            _ when Property(node, row) is { } name && node.Type == typeof(bool) => $"{name} eq true",
            _ => throw Unsupported(node),
        };

    static string Comparison(BinaryExpression node, ParameterExpression row)
    {
        var (left, right) = (Bare(node.Left), Bare(node.Right));
        // string.Compare(a, b) > 0 and a.CompareTo(b) > 0 are how C# orders strings.
        if (left is MethodCallExpression { Method.Name: "Compare" or "CompareTo" or "CompareOrdinal" } compare)
        {
            var operands = compare.Object is null
                ? compare.Arguments.ToArray()
                : [compare.Object, compare.Arguments[0]];
            if (operands.Length != 2 || Evaluate(right, row) is not 0)
            {
                throw Unsupported(node);
            }
            (left, right) = (Bare(operands[0]), Bare(operands[1]));
        }
        var operation = node.NodeType;
        if (Property(left, row) is null)
        {
            (left, right) = (right, left);
            operation = Mirrored(operation);
        }
        var name = Property(left, row) ?? throw Unsupported(node);
        var value = Evaluate(right, row);
        if (left.Type.IsEnum || Nullable.GetUnderlyingType(left.Type) is { IsEnum: true })
        {
            var type = Nullable.GetUnderlyingType(left.Type) ?? left.Type;
            value = value is Enum ? value : Enum.ToObject(type, value);
        }
        return $"{name} {Operator(operation, node)} {ODataLiteral.Of(value)}";
    }

    static string Operator(ExpressionType operation, Expression node) =>
        operation switch
        {
            ExpressionType.Equal => "eq",
            ExpressionType.NotEqual => "ne",
            ExpressionType.GreaterThan => "gt",
            ExpressionType.GreaterThanOrEqual => "ge",
            ExpressionType.LessThan => "lt",
            ExpressionType.LessThanOrEqual => "le",
            _ => throw Unsupported(node),
        };

    static ExpressionType Mirrored(ExpressionType operation) =>
        operation switch
        {
            ExpressionType.GreaterThan => ExpressionType.LessThan,
            ExpressionType.GreaterThanOrEqual => ExpressionType.LessThanOrEqual,
            ExpressionType.LessThan => ExpressionType.GreaterThan,
            ExpressionType.LessThanOrEqual => ExpressionType.GreaterThanOrEqual,
            _ => operation,
        };

    // row.Name, row["Name"], row.GetString("Name") and the Value of a nullable one.
    static string Property(Expression node, ParameterExpression row) =>
        Bare(node) switch
        {
            MemberExpression { Member.Name: "Value" } member when Property(member.Expression, row) is { } inner =>
                inner,
            MemberExpression member when member.Expression is not null && Bare(member.Expression) == row => Name(
                member
            ),
            MethodCallExpression call
                when call.Object is not null
                    && Bare(call.Object) == row
                    && call.Arguments.Count == 1
                    && (
                        call.Method.Name == "get_Item" || call.Method.Name.StartsWith("Get", StringComparison.Ordinal)
                    ) => Evaluate(call.Arguments[0], row) as string,
            _ => null,
        };

    static string Name(MemberExpression member) =>
        member.Member.DeclaringType == typeof(Models.TableItem) ? "TableName" : EntityModel.NameOf(member.Member);

    static Expression Bare(Expression node) =>
        node is UnaryExpression { NodeType: ExpressionType.Convert or ExpressionType.ConvertChecked } cast
            ? Bare(cast.Operand)
            : node;

    static object Evaluate(Expression node, ParameterExpression row)
    {
        if (node is ConstantExpression constant)
        {
            return constant.Value;
        }
        if (new Mentions(row).In(node))
        {
            throw Unsupported(node);
        }
        return Expression
            .Lambda<Func<object>>(Expression.Convert(node, typeof(object)))
            .Compile(preferInterpretation: true)();
    }

    static NotSupportedException Unsupported(Expression node) =>
        new($"'{node}' cannot be asked of a table: compare one property with one value, joined by and, or, not.");

    sealed class Mentions(ParameterExpression row) : ExpressionVisitor
    {
        bool found;

        public bool In(Expression node)
        {
            Visit(node);
            return found;
        }

        protected override Expression VisitParameter(ParameterExpression node)
        {
            found |= node == row;
            return node;
        }
    }
}
