using System.Runtime.InteropServices;

namespace Portability.Exports.Rows;

/// <summary>
/// The handful of SQLite calls of the row path, straight into the library that Microsoft.Data.Sqlite has loaded. Through
/// that library's safe handles the same loop takes nearly twice the time.
/// </summary>
/// <remarks>
/// <c>sqlite3_column_*</c> takes the connection's mutex in each call; <c>sqlite3_value_*</c> does not. A value fetched by
/// <c>sqlite3_column_value</c> may be read this way as long as one thread alone uses the connection, which holds here: every
/// file has a connection of its own. A thread that holds the connection's mutex already takes it again for next to nothing, so
/// a batch is read holding it. None of these calls blocks or calls back, so the switch of the runtime's GC mode is
/// left out; <c>sqlite3_step</c> may take long and keeps it.
/// </remarks>
internal static partial class SqliteColumns
{
    private const string Library = "e_sqlite3";

    public const int Integer = 1;
    public const int Float = 2;
    public const int Text = 3;
    public const int Blob = 4;

    [LibraryImport(Library, EntryPoint = "sqlite3_db_mutex")]
    public static partial nint Mutex(nint database);

    [LibraryImport(Library, EntryPoint = "sqlite3_mutex_enter")]
    public static partial void Enter(nint mutex);

    [LibraryImport(Library, EntryPoint = "sqlite3_mutex_leave")]
    public static partial void Leave(nint mutex);

    [LibraryImport(Library, EntryPoint = "sqlite3_step")]
    public static partial int Step(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_value")]
    [SuppressGCTransition]
    public static partial nint Value(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_value_type")]
    [SuppressGCTransition]
    public static partial int Type(nint value);

    [LibraryImport(Library, EntryPoint = "sqlite3_value_int64")]
    [SuppressGCTransition]
    public static partial long Int64(nint value);

    [LibraryImport(Library, EntryPoint = "sqlite3_value_double")]
    [SuppressGCTransition]
    public static partial double Double(nint value);

    [LibraryImport(Library, EntryPoint = "sqlite3_value_text")]
    [SuppressGCTransition]
    public static partial nint Utf8(nint value);

    [LibraryImport(Library, EntryPoint = "sqlite3_value_blob")]
    [SuppressGCTransition]
    public static partial nint Data(nint value);

    [LibraryImport(Library, EntryPoint = "sqlite3_value_bytes")]
    [SuppressGCTransition]
    public static partial int Length(nint value);
}
