namespace Portability.DataMap.OneRoster;

/// <summary>What a column of a OneRoster file holds.</summary>
public enum RosterType
{
    /// <summary>Any text without line breaks.</summary>
    Text,

    /// <summary>Texts separated by commas; no text has a comma of its own.</summary>
    TextList,

    /// <summary>What a row is known by: letters, digits and <c>. - _ / @</c>, fewer than 256.</summary>
    Guid,

    /// <summary>The <c>sourcedId</c> of a row of the file that <see cref="RosterField.Of"/> names.</summary>
    Reference,

    /// <summary><c>YYYY-MM-DD</c>.</summary>
    Date,

    /// <summary><c>YYYY</c>.</summary>
    Year,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,

    Number,

    Integer,

    /// <summary>One of <see cref="RosterField.Of"/>.</summary>
    Word,
}

/// <summary>One column of a OneRoster file.</summary>
/// <param name="Name">Its header.</param>
/// <param name="Required">Whether every row must have a value.</param>
/// <param name="Type">What it holds.</param>
/// <param name="Of">The words of a vocabulary, or the one file that a reference leads to; else empty.</param>
public sealed record RosterField(string Name, bool Required, RosterType Type, IReadOnlyList<string> Of)
{
    /// <summary>Whether a vocabulary may be extended by words that begin with <c>ext:</c>.</summary>
    public bool Extensible { get; init; } = true;
}

/// <summary>One file of a OneRoster exchange; its columns stand in the order of the header.</summary>
/// <param name="Name">Without <c>.csv</c>.</param>
/// <param name="Fields">All columns after <c>sourcedId</c>, <c>status</c> and <c>dateLastModified</c>, which every file begins with.</param>
public sealed record RosterFile(string Name, IReadOnlyList<RosterField> Fields)
{
    /// <summary>What each row is known by.</summary>
    public static RosterField SourcedId { get; } = new("sourcedId", true, RosterType.Guid, []);

    /// <summary>Second and third column: a complete exchange must leave them empty.</summary>
    public static IReadOnlyList<string> Empty { get; } = ["status", "dateLastModified"];

    /// <summary>All headers in order.</summary>
    public IEnumerable<string> Headers => [SourcedId.Name, .. Empty, .. Fields.Select(column => column.Name)];

    /// <summary>The column of that name, <c>sourcedId</c> among them; null for an unknown one.</summary>
    public RosterField? Find(string field) =>
        field == SourcedId.Name ? SourcedId : Fields.FirstOrDefault(candidate => candidate.Name == field);
}

/// <summary>
/// The files of a OneRoster 1.2 exchange, as section 3 of the CSV binding (1EdTech, Final Release 1.2, revised as 1.2.1) has them.
/// </summary>
public static class OneRosterStandard
{
    /// <summary>What <c>manifest.csv</c> says of the exchange.</summary>
    public const string Version = "1.2";

    /// <summary>What <c>manifest.csv</c> says of itself.</summary>
    public const string ManifestVersion = "1.0";

    private static readonly string[] Objectives = ["case", "unknown"];
    private static readonly string[] YesNo = ["true", "false"];

    /// <summary>In the order of <c>manifest.csv</c>.</summary>
    public static IReadOnlyList<RosterFile> Files { get; } =
    [
        new(
            "academicSessions",
            [
                Must(Text("title")),
                Must(Word("type", "gradingPeriod", "semester", "schoolYear", "term")),
                Must(Date("startDate")),
                Must(Date("endDate")),
                Reference("parentSourcedId", "academicSessions"),
                Must(Simple("schoolYear", RosterType.Year)),
            ]
        ),
        new("categories", [Must(Text("title")), Simple("weight", RosterType.Integer)]),
        new(
            "classes",
            [
                Must(Text("title")),
                Texts("grades"),
                Must(Reference("courseSourcedId", "courses")),
                Text("classCode"),
                Must(Word("classType", "homeroom", "scheduled")),
                Text("location"),
                Must(Reference("schoolSourcedId", "orgs")),
                Must(Reference("termSourcedIds", "academicSessions")),
                Texts("subjects"),
                Texts("subjectCodes"),
                Texts("periods"),
            ]
        ),
        Link("classResources", "classSourcedId", "classes", "resourceSourcedId", "resources"),
        new(
            "courses",
            [
                Reference("schoolYearSourcedId", "academicSessions"),
                Must(Text("title")),
                Text("courseCode"),
                Texts("grades"),
                Must(Reference("orgSourcedId", "orgs")),
                Texts("subjects"),
                Texts("subjectCodes"),
            ]
        ),
        Link("courseResources", "courseSourcedId", "courses", "resourceSourcedId", "resources"),
        new(
            "demographics",
            [
                Date("birthDate"),
                Word("sex", "male", "female", "unspecified", "other"),
                Closed(Word("americanIndianOrAlaskaNative", YesNo)),
                Closed(Word("asian", YesNo)),
                Closed(Word("blackOrAfricanAmerican", YesNo)),
                Closed(Word("nativeHawaiianOrOtherPacificIslander", YesNo)),
                Closed(Word("white", YesNo)),
                Closed(Word("demographicRaceTwoOrMoreRaces", YesNo)),
                Closed(Word("hispanicOrLatinoEthnicity", YesNo)),
                Text("countryOfBirthCode"),
                Text("stateOfBirthAbbreviation"),
                Text("cityOfBirth"),
                Text("publicSchoolResidenceStatus"),
            ]
        ),
        new(
            "enrollments",
            [
                Must(Reference("classSourcedId", "classes")),
                Must(Reference("schoolSourcedId", "orgs")),
                Must(Reference("userSourcedId", "users")),
                Must(Word("role", "administrator", "proctor", "student", "teacher")),
                Closed(Word("primary", YesNo)),
                Date("beginDate"),
                Date("endDate"),
            ]
        ),
        new(
            "lineItemLearningObjectiveIds",
            [
                Must(Reference("lineItemSourcedId", "lineItems")),
                Must(Word("source", Objectives)),
                Must(Text("learningObjectiveId")),
            ]
        ),
        new(
            "lineItems",
            [
                Must(Text("title")),
                Text("description"),
                Must(Date("assignDate")),
                Must(Date("dueDate")),
                Must(Reference("classSourcedId", "classes")),
                Must(Reference("categorySourcedId", "categories")),
                Must(Reference("academicSessionSourcedId", "academicSessions")),
                Simple("resultValueMin", RosterType.Number),
                Simple("resultValueMax", RosterType.Number),
                Must(Reference("schoolSourcedId", "orgs")),
            ]
        ),
        Link("lineItemScoreScales", "lineItemSourcedId", "lineItems", "scoreScaleSourcedId", "scoreScales"),
        new(
            "orgs",
            [
                Must(Text("name")),
                Must(Word("type", "department", "school", "district", "local", "state", "national")),
                Text("identifier"),
                Reference("parentSourcedId", "orgs"),
            ]
        ),
        new(
            "resources",
            [
                Must(Text("vendorResourceId")),
                Text("title"),
                Word(
                    "roles",
                    "administrator",
                    "aide",
                    "guardian",
                    "parent",
                    "proctor",
                    "relative",
                    "student",
                    "teacher"
                ),
                Closed(Word("importance", "primary", "secondary")),
                Text("vendorId"),
                Text("applicationId"),
            ]
        ),
        new(
            "resultLearningObjectiveIds",
            [
                Must(Reference("resultSourcedId", "results")),
                Must(Word("source", Objectives)),
                Must(Text("learningObjectiveId")),
                Simple("score", RosterType.Number),
                Text("textScore"),
            ]
        ),
        new(
            "results",
            [
                Must(Reference("lineItemSourcedId", "lineItems")),
                Must(Reference("studentSourcedId", "users")),
                Must(Word("scoreStatus", "exempt", "fully graded", "not submitted", "partially graded", "submitted")),
                Simple("score", RosterType.Number),
                Must(Date("scoreDate")),
                Text("comment"),
                Text("textScore"),
                Reference("classSourcedId", "classes"),
                Simple("inProgress", RosterType.Boolean),
                Simple("incomplete", RosterType.Boolean),
                Simple("late", RosterType.Boolean),
                Simple("missing", RosterType.Boolean),
            ]
        ),
        Link("resultScoreScales", "resultSourcedId", "results", "scoreScaleSourcedId", "scoreScales"),
        new(
            "roles",
            [
                Must(Reference("userSourcedId", "users")),
                Must(Closed(Word("roleType", "primary", "secondary"))),
                Must(
                    Word(
                        "role",
                        "aide",
                        "counselor",
                        "districtAdministrator",
                        "guardian",
                        "parent",
                        "principal",
                        "proctor",
                        "relative",
                        "siteAdministrator",
                        "student",
                        "systemAdministrator",
                        "teacher"
                    )
                ),
                Date("beginDate"),
                Date("endDate"),
                Must(Reference("orgSourcedId", "orgs")),
                Reference("userProfileSourcedId", "userProfiles"),
            ]
        ),
        new(
            "scoreScales",
            [
                Must(Text("title")),
                Must(Text("type")),
                Must(Reference("orgSourcedId", "orgs")),
                Must(Reference("courseSourcedId", "courses")),
                Must(Reference("classSourcedId", "classes")),
                Must(Texts("scoreScaleValue")),
            ]
        ),
        new(
            "userProfiles",
            [
                Must(Reference("userSourcedId", "users")),
                Must(Text("profileType")),
                Must(Text("vendorId")),
                Text("applicationId"),
                Text("description"),
                Must(Text("credentialType")),
                Must(Text("username")),
                Text("password"),
            ]
        ),
        new(
            "userResources",
            [
                Must(Reference("userSourcedId", "users")),
                Reference("orgSourcedId", "orgs"),
                Reference("classSourcedId", "classes"),
                Must(Reference("resourceSourcedId", "resources")),
            ]
        ),
        new(
            "users",
            [
                Must(Simple("enabledUser", RosterType.Boolean)),
                Must(Text("username")),
                Texts("userIds"),
                Must(Text("givenName")),
                Must(Text("familyName")),
                Text("middleName"),
                Text("identifier"),
                Text("email"),
                Text("sms"),
                Text("phone"),
                Reference("agentSourcedIds", "users"),
                Text("grades"),
                Text("password"),
                Text("userMasterIdentifier"),
                Reference("resourceSourcedIds", "resources"),
                Text("preferredGivenName"),
                Text("preferredMiddleName"),
                Text("preferredFamilyName"),
                Reference("primaryOrgSourcedId", "orgs"),
                Text("pronouns"),
            ]
        ),
    ];

    /// <summary>The file of that name; null for an unknown one.</summary>
    public static RosterFile? Find(string file) => Files.FirstOrDefault(candidate => candidate.Name == file);

    private static RosterFile Link(string name, string left, string leftFile, string right, string rightFile) =>
        new(name, [Text("title"), Must(Reference(left, leftFile)), Must(Reference(right, rightFile))]);

    private static RosterField Simple(string name, RosterType type) => new(name, false, type, []);

    private static RosterField Text(string name) => Simple(name, RosterType.Text);

    private static RosterField Texts(string name) => Simple(name, RosterType.TextList);

    private static RosterField Date(string name) => Simple(name, RosterType.Date);

    private static RosterField Word(string name, params string[] words) => new(name, false, RosterType.Word, words);

    private static RosterField Reference(string name, string file) => new(name, false, RosterType.Reference, [file]);

    private static RosterField Must(RosterField field) => field with { Required = true };

    private static RosterField Closed(RosterField field) => field with { Extensible = false };
}
