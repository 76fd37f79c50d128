namespace Portability.Demo.Lms;

/// <summary>
/// Whose row is it? The sample's own answer, which does not follow foreign keys: the parity of an id. So it still tells when
/// parents are gone, and it can prove the application right or wrong because it shares nothing with it.
/// </summary>
internal static class LmsTables
{
    /// <summary>
    /// Tables in the order of the schema, each with the column whose parity names the customer;
    /// <see langword="null"/> for tables that both share.
    /// </summary>
    public static readonly IReadOnlyList<(string Table, string? Owner)> All =
    [
        ("countries", null),
        ("languages", null),
        ("catalogue_courses", null),
        ("organisations", "id"),
        ("contracts", "id"),
        ("accounts", "id"),
        ("customer_contacts", "id"),
        ("api_tokens", "id"),
        ("users", "id"),
        ("user_profiles", "user_id"),
        ("groups", "id"),
        ("group_members", "group_id"),
        ("sessions", "user_id"),
        ("organisation_catalogue_courses", "organisation_id"),
        ("courses", "id"),
        ("modules", "id"),
        ("media_files", "id"),
        ("materials", "id"),
        ("enrolments", "id"),
        ("completions", "id"),
        ("certificates", "id"),
        ("quizzes", "id"),
        ("questions", "id"),
        ("answer_options", "id"),
        ("attempts", "id"),
        ("attempt_answers", "attempt_id"),
        ("surveys", "id"),
        ("survey_questions", "id"),
        ("survey_responses", "id"),
        ("survey_answers", "response_id"),
        ("course_feedback", "id"),
        ("reports", "id"),
        ("report_lines", "report_id"),
        ("usage_statistics", "organisation_id"),
        ("activity_log", "id"),
        ("support_tickets", "id"),
        ("ticket_messages", "id"),
        ("invoices", "id"),
        ("invoice_lines", "id"),
    ];
}
