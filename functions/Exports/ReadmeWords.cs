namespace Portability.Exports;

/// <summary>The README's words in one language.</summary>
/// <remarks>Commands and file names are the same in all languages: they are what the reader types.</remarks>
internal sealed record ReadmeWords
{
    public required string Culture { get; init; }

    public required string Title { get; init; }

    public required string Introduction { get; init; }

    /// <summary>{0} customer, {1} case, {2} export number.</summary>
    public required string Facts { get; init; }

    /// <summary>{0} date.</summary>
    public required string Requested { get; init; }

    public required IReadOnlyList<(string Heading, string Body)> Sections { get; init; }

    public required string Contents { get; init; }

    public required string WholeDatabase { get; init; }

    public required string Rows { get; init; }

    public required string Files { get; init; }

    /// <summary>The words for a locale such as <c>sv-SE</c>; English for languages that are not spoken here.</summary>
    public static ReadmeWords For(string locale) =>
        locale.Split('-', '_')[0].ToLowerInvariant() switch
        {
            "sv" => Swedish,
            "nb" or "no" => Norwegian,
            _ => English,
        };

    private static ReadmeWords English { get; } =
        new()
        {
            Culture = "en-GB",
            Title = "Your data export",
            Introduction = "This export holds your organisation's data from the learning platform.",
            Facts = "Customer: {0}. Case: {1}. Export number: {2}.",
            Requested = "Requested: {0}.",
            Sections =
            [
                (
                    "Where things are",
                    """
                    csv/            one table a file, for spreadsheets and databases
                    json/           the same tables as JSON
                    xlsx/           tables as workbooks, for spreadsheets
                    ndjson/         tables as JSON with one row a line
                    xml/            tables as XML; schemas/ has the XSD of each
                    parquet/        tables as Parquet, for analysis (DuckDB, Spark, pandas)
                    pdf/, docx/     tables as documents to read and print
                    oneroster.zip   people, courses and results as OneRoster 1.2, which other learning platforms import
                    documents/      files in which related data stands together, such as a course with its modules; reports too
                    media/          uploaded files, unchanged, under their own names
                    *.sql           the whole as a database
                    manifest.json   every file with size, SHA-256, number of rows, columns and time of reading
                    SHA256SUMS      checksums of all files

                    A large table is split into numbered files, each complete in itself with its own header.
                    """
                ),
                (
                    "How to check that everything arrived",
                    """
                    Linux:    sha256sum -c SHA256SUMS
                    macOS:    shasum -a 256 -c SHA256SUMS
                    Windows:  Get-FileHash FILE    (PowerShell; compare with the line in SHA256SUMS)
                    """
                ),
                (
                    "Reading the CSV files",
                    """
                    UTF-8, comma, first line with the column names. Nothing between two commas means that there is no value;
                    "" is an empty text. Binary values are base64. A field that begins with an apostrophe (') had one put in
                    front, so that a spreadsheet does not run its text as a formula: take one leading apostrophe off every
                    field that has one to get the exact value.
                    """
                ),
                (
                    "Reading the other files",
                    """
                    Workbooks (XLSX): cells have types and nothing is a formula. No cell means that there is no value. Numbers of more
                    than 15 digits and dates before March 1900 stand as text, since a spreadsheet would change them. A text of more than
                    32,767 characters stands in pieces on the sheet "Long texts", and its own cell says so.
                    XML: an element with xsi:nil="true" has no value, an empty element is an empty text.
                        xmllint --noout --schema schemas/NAME.xsd xml/NAME.xml
                    Parquet: columns have types; one with values of another type is text.
                        duckdb -c "SELECT * FROM 'parquet/NAME.parquet'"
                    JSON: numbers have all their digits, also those that some programs round (beyond 2^53). Binary values are base64.
                    manifest.json says under "notes" how each format writes values.
                    """
                ),
                ("Loading the database", "sqlite3 new.db < FILE.sql    then, inside: PRAGMA foreign_key_check;"),
                (
                    "Handle with care",
                    "The files hold personal data. Keep them where only those have access who need it, and delete copies you no longer need."
                ),
            ],
            Contents = "Contents",
            WholeDatabase = "Everything, as a database",
            Rows = "rows",
            Files = "file(s)",
        };

    private static ReadmeWords Swedish { get; } =
        new()
        {
            Culture = "sv-SE",
            Title = "Er dataexport",
            Introduction = "Den här exporten innehåller er organisations data från lärplattformen.",
            Facts = "Kund: {0}. Ärende: {1}. Export nummer: {2}.",
            Requested = "Begärd: {0}.",
            Sections =
            [
                (
                    "Var saker finns",
                    """
                    csv/            en tabell per fil, för kalkylprogram och databaser
                    json/           samma tabeller som JSON
                    xlsx/           tabeller som arbetsböcker, för kalkylprogram
                    ndjson/         tabeller som JSON med en rad per rad
                    xml/            tabeller som XML; schemas/ har XSD för var och en
                    parquet/        tabeller som Parquet, för analys (DuckDB, Spark, pandas)
                    pdf/, docx/     tabeller som dokument att läsa och skriva ut
                    oneroster.zip   personer, kurser och resultat som OneRoster 1.2, som andra lärplattformar importerar
                    documents/      filer där data som hör ihop står tillsammans, till exempel en kurs med sina moduler; även rapporter
                    media/          uppladdade filer, oförändrade, under sina egna namn
                    *.sql           allt som en databas
                    manifest.json   varje fil med storlek, SHA-256, antal rader, kolumner och tid för läsningen
                    SHA256SUMS      kontrollsummor för alla filer

                    En stor tabell är delad i numrerade filer, var och en fullständig med egen rubrikrad.
                    """
                ),
                (
                    "Så kontrollerar ni att allt kom fram",
                    """
                    Linux:    sha256sum -c SHA256SUMS
                    macOS:    shasum -a 256 -c SHA256SUMS
                    Windows:  Get-FileHash FIL    (PowerShell; jämför med raden i SHA256SUMS)
                    """
                ),
                (
                    "Att läsa CSV-filerna",
                    """
                    UTF-8, kommatecken, första raden har kolumnernas namn. Ingenting mellan två kommatecken betyder att värde
                    saknas; "" är en tom text. Binära värden är base64. Ett fält som börjar med en apostrof (') har fått den
                    framför sig för att ett kalkylprogram inte ska köra texten som en formel: ta bort en inledande apostrof
                    från varje fält som har en för att få det exakta värdet.
                    """
                ),
                (
                    "Att läsa de andra filerna",
                    """
                    Arbetsböcker (XLSX): celler har typer och ingenting är en formel. Ingen cell betyder att värde saknas. Tal med fler
                    än 15 siffror och datum före mars 1900 står som text, eftersom ett kalkylprogram skulle ändra dem. En text med fler
                    än 32 767 tecken står i delar på bladet "Long texts", och dess egen cell säger det.
                    XML: ett element med xsi:nil="true" saknar värde, ett tomt element är en tom text.
                        xmllint --noout --schema schemas/NAMN.xsd xml/NAMN.xml
                    Parquet: kolumner har typer; en kolumn med värden av en annan typ är text.
                        duckdb -c "SELECT * FROM 'parquet/NAMN.parquet'"
                    JSON: tal har alla sina siffror, även de som vissa program avrundar (över 2^53). Binära värden är base64.
                    manifest.json säger under "notes" hur varje format skriver värden.
                    """
                ),
                ("Att ladda databasen", "sqlite3 new.db < FIL.sql    och sedan: PRAGMA foreign_key_check;"),
                (
                    "Hantera med omsorg",
                    "Filerna innehåller personuppgifter. Förvara dem där bara de som behöver har åtkomst, och radera kopior som inte längre behövs."
                ),
            ],
            Contents = "Innehåll",
            WholeDatabase = "Allt, som en databas",
            Rows = "rader",
            Files = "fil(er)",
        };

    private static ReadmeWords Norwegian { get; } =
        new()
        {
            Culture = "nb-NO",
            Title = "Deres dataeksport",
            Introduction = "Denne eksporten inneholder organisasjonens data fra læringsplattformen.",
            Facts = "Kunde: {0}. Sak: {1}. Eksport nummer: {2}.",
            Requested = "Bestilt: {0}.",
            Sections =
            [
                (
                    "Hvor ting er",
                    """
                    csv/            én tabell per fil, for regneark og databaser
                    json/           de samme tabellene som JSON
                    xlsx/           tabeller som arbeidsbøker, for regneark
                    ndjson/         tabeller som JSON med én rad per linje
                    xml/            tabeller som XML; schemas/ har XSD for hver av dem
                    parquet/        tabeller som Parquet, for analyse (DuckDB, Spark, pandas)
                    pdf/, docx/     tabeller som dokumenter til å lese og skrive ut
                    oneroster.zip   personer, kurs og resultater som OneRoster 1.2, som andre læringsplattformer importerer
                    documents/      filer der data som hører sammen står samlet, for eksempel et kurs med modulene sine; også rapporter
                    media/          opplastede filer, uendret, under sine egne navn
                    *.sql           alt som en database
                    manifest.json   hver fil med størrelse, SHA-256, antall rader, kolonner og tidspunkt for lesingen
                    SHA256SUMS      kontrollsummer for alle filer

                    En stor tabell er delt i nummererte filer, hver av dem fullstendig med egen overskriftsrad.
                    """
                ),
                (
                    "Slik kontrollerer dere at alt kom fram",
                    """
                    Linux:    sha256sum -c SHA256SUMS
                    macOS:    shasum -a 256 -c SHA256SUMS
                    Windows:  Get-FileHash FIL    (PowerShell; sammenlign med linjen i SHA256SUMS)
                    """
                ),
                (
                    "Å lese CSV-filene",
                    """
                    UTF-8, komma, første linje har kolonnenavnene. Ingenting mellom to kommaer betyr at verdien mangler; ""
                    er en tom tekst. Binære verdier er base64. Et felt som begynner med en apostrof (') har fått den foran
                    seg for at et regneark ikke skal kjøre teksten som en formel: ta bort én innledende apostrof fra hvert
                    felt som har en, for å få den nøyaktige verdien.
                    """
                ),
                (
                    "Å lese de andre filene",
                    """
                    Arbeidsbøker (XLSX): celler har typer, og ingenting er en formel. Ingen celle betyr at verdien mangler. Tall med mer
                    enn 15 sifre og datoer før mars 1900 står som tekst, fordi et regneark ville endret dem. En tekst med mer enn
                    32 767 tegn står i deler på arket "Long texts", og dens egen celle sier det.
                    XML: et element med xsi:nil="true" mangler verdi, et tomt element er en tom tekst.
                        xmllint --noout --schema schemas/NAVN.xsd xml/NAVN.xml
                    Parquet: kolonner har typer; en kolonne med verdier av en annen type er tekst.
                        duckdb -c "SELECT * FROM 'parquet/NAVN.parquet'"
                    JSON: tall har alle sifrene sine, også dem noen programmer runder av (over 2^53). Binære verdier er base64.
                    manifest.json sier under "notes" hvordan hvert format skriver verdier.
                    """
                ),
                ("Å laste inn databasen", "sqlite3 new.db < FIL.sql    og deretter: PRAGMA foreign_key_check;"),
                (
                    "Behandles med omhu",
                    "Filene inneholder personopplysninger. Oppbevar dem der bare de som trenger det har tilgang, og slett kopier som ikke lenger trengs."
                ),
            ],
            Contents = "Innhold",
            WholeDatabase = "Alt, som en database",
            Rows = "rader",
            Files = "fil(er)",
        };
}
