namespace Parquet.Schema;

/// <summary>A column of decimals with a precision and a scale.</summary>
public class DecimalDataField : DataField
{
    /// <param name="name">The column's name.</param>
    /// <param name="precision">Digits in all, from 1 to 38.</param>
    /// <param name="scale">Digits after the point.</param>
    /// <param name="forceByteArrayEncoding">Bytes also where an integer would do.</param>
    /// <param name="isNullable">True for a column with nulls.</param>
    /// <param name="isArray">Not to be had in the stand-in.</param>
    /// <param name="propertyName">For serialisers, which the stand-in does not have.</param>
    /// <param name="clrType">Decimal, if anything.</param>
    public DecimalDataField(
        string name,
        int precision,
        int scale = 0,
        bool forceByteArrayEncoding = false,
        bool? isNullable = default,
        bool? isArray = default,
        string? propertyName = null,
        Type? clrType = null
    )
        : base(name, clrType ?? typeof(decimal), isNullable, isArray, propertyName)
    {
        if (precision < 1)
        {
            throw new ArgumentException(
                "precision is required and must be a non-zero positive integer",
                nameof(precision)
            );
        }

        if (scale < 0)
        {
            throw new ArgumentException("scale must be zero or a positive integer", nameof(scale));
        }

        if (scale > precision)
        {
            throw new ArgumentException("scale must be less than or equal to the precision", nameof(scale));
        }

        Precision = precision;
        Scale = scale;
        ForceByteArrayEncoding = forceByteArrayEncoding;
    }

    public int Precision { get; }

    public int Scale { get; }

    public bool ForceByteArrayEncoding { get; }
}
