using System.ComponentModel;

namespace Azure.Data.Tables;

/// <summary>The audience that tokens for Table storage are asked for, one a cloud.</summary>
public readonly partial struct TableAudience : IEquatable<TableAudience>
{
    readonly string value;

    /// <summary>An audience by its address, such as <c>https://storage.azure.com</c>.</summary>
    public TableAudience(string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);
        this.value = value;
    }

    /// <summary>Azure operated by 21Vianet.</summary>
    public static TableAudience AzureChina { get; } = new("https://storage.azure.cn");

    /// <summary>Azure Government.</summary>
    public static TableAudience AzureGovernment { get; } = new("https://storage.azure.us");

    /// <summary>The public cloud.</summary>
    public static TableAudience AzurePublicCloud { get; } = new("https://storage.azure.com");

    internal string DefaultScope => (value ?? AzurePublicCloud.value).TrimEnd('/') + "/.default";

    /// <summary>Audiences are equal when their addresses are, whatever the case.</summary>
    public bool Equals(TableAudience other) => string.Equals(value, other.value, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public override bool Equals(object obj) => obj is TableAudience other && Equals(other);

    /// <inheritdoc/>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public override int GetHashCode() => value is null ? 0 : StringComparer.OrdinalIgnoreCase.GetHashCode(value);

    /// <summary>Whether two audiences are the same.</summary>
    public static bool operator ==(TableAudience left, TableAudience right) => left.Equals(right);

    /// <summary>An audience by its address.</summary>
    public static implicit operator TableAudience(string value) => new(value);

    /// <summary>Whether two audiences differ.</summary>
    public static bool operator !=(TableAudience left, TableAudience right) => !left.Equals(right);

    /// <inheritdoc/>
    public override string ToString() => value;
}
