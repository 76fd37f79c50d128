namespace Azure.Data.Tables;

/// <summary>What one action of a transaction does with its entity.</summary>
public enum TableTransactionActionType
{
    /// <summary>Insert; fails when the row is there.</summary>
    Add = 0,

    /// <summary>Change the given properties, keep the others.</summary>
    UpdateMerge = 1,

    /// <summary>Replace the row.</summary>
    UpdateReplace = 2,

    /// <summary>Delete the row; fails when it is not there.</summary>
    Delete = 3,

    /// <summary>Insert, or change the given properties.</summary>
    UpsertMerge = 4,

    /// <summary>Insert or replace.</summary>
    UpsertReplace = 5,
}

/// <summary>How an update treats the properties that it does not name.</summary>
public enum TableUpdateMode
{
    /// <summary>They stay.</summary>
    Merge = 0,

    /// <summary>They go.</summary>
    Replace = 1,
}

/// <summary>One action of an entity group transaction.</summary>
public partial class TableTransactionAction
{
    /// <summary>An action without a condition.</summary>
    public TableTransactionAction(TableTransactionActionType actionType, ITableEntity entity)
        : this(actionType, entity, default) { }

    /// <summary>An action that asks for a version of the row; the entity's own <see cref="ITableEntity.ETag"/> is not used.</summary>
    public TableTransactionAction(TableTransactionActionType actionType, ITableEntity entity, ETag etag = default)
    {
        ArgumentNullException.ThrowIfNull(entity);
        ActionType = actionType;
        Entity = entity;
        ETag = etag;
    }

    /// <summary>What is done.</summary>
    public TableTransactionActionType ActionType { get; }

    /// <summary>With which row.</summary>
    public ITableEntity Entity { get; }

    /// <summary>The version the row must have; default asks for none.</summary>
    public ETag ETag { get; }
}
