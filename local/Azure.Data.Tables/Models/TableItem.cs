namespace Azure.Data.Tables.Models;

/// <summary>A table, by its name.</summary>
public partial class TableItem
{
    /// <summary>A table of this name.</summary>
    public TableItem(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Name = name;
    }

    /// <summary>The name.</summary>
    public string Name { get; }
}
