using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Exports.Formats;

/// <summary>
/// How rows, and rows inside of rows, look as text. <see cref="DocumentContent"/> and <see cref="DocumentNode"/> know which row
/// comes when; this knows the characters.
/// </summary>
internal abstract class DocumentSyntax
{
    /// <summary>The format's name, for faults.</summary>
    public abstract string Format { get; }

    /// <summary>A column's or relation's name, ready to be copied in front of each value.</summary>
    public abstract byte[] Name(string name);

    /// <summary>What stands before the first row.</summary>
    public abstract void BeginFile(RowBuffer output);

    /// <summary>What stands after the last row.</summary>
    public abstract void EndFile(RowBuffer output);

    /// <summary>Begins row number <paramref name="index"/> (from 0) of the file.</summary>
    public abstract void BeginTop(RowBuffer output, long index);

    /// <summary>Begins row number <paramref name="index"/> (from 0) of a relation.</summary>
    public abstract void BeginRow(RowBuffer output, byte[] relation, bool many, int index);

    /// <summary>Writes member number <paramref name="index"/> (from 0) of a row; null, or why the format cannot hold the value.</summary>
    public abstract string? WriteMember(RowBuffer output, byte[] name, int index, in Cell cell, ColumnKind kind);

    /// <summary>Ends a row of the file.</summary>
    public abstract void EndTop(RowBuffer output);

    /// <summary>Ends a row of a relation.</summary>
    public abstract void EndRow(RowBuffer output, byte[] relation, bool many);

    /// <summary>Begins a relation, which is member number <paramref name="index"/> of its row: a list, or one row or none.</summary>
    public abstract void BeginRelation(RowBuffer output, byte[] name, int index, bool many);

    /// <summary>Ends a relation that had <paramref name="count"/> rows.</summary>
    public abstract void EndRelation(RowBuffer output, byte[] name, bool many, int count);
}
