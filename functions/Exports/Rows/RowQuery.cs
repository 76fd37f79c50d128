namespace Portability.Exports.Rows;

/// <summary>A query and its parameters, named as the text names them (<c>@tenant</c>); values are integers, texts or null.</summary>
internal sealed record RowQuery(string Sql, IReadOnlyList<(string Name, object? Value)> Parameters);
