using Portability.Http.Parsing;
using Portability.Storage;
using Portability.Terminations;
using Portability.Workflow;

namespace Portability.Http;

/// <summary>The body of <c>POST /terminations</c>.</summary>
public sealed record OpeningRequest
{
    public required string ContractId { get; init; }
    public required string CustomerId { get; init; }
    public required string CustomerName { get; init; }
    public required ContactRequest Contact { get; init; }
    public required Term Term { get; init; }

    /// <summary>Null for a contract that simply expires.</summary>
    public required NoticeRequest? Notice { get; init; }
    public required LateNoticeRequest? LateNotice { get; init; }

    public static OpeningRequest Read(JsonFields fields)
    {
        JsonFields term = fields.Object("term");
        JsonFields? notice = fields.NullableObject("notice");
        JsonFields? late = fields.OptionalObject("lateNotice");
        var request = new OpeningRequest
        {
            ContractId = fields.Text("contractId"),
            CustomerId = fields.Text("customerId"),
            CustomerName = fields.Text("customerName"),
            Contact = ContactRequest.Read(fields.Object("contact")),
            Term = new Term(term.Date("endsOn"), term.Text("timeZone"), term.Integer("renewalMonths")),
            Notice = notice is null
                ? null
                : new NoticeRequest(
                    notice.Choice<NoticeKind>("kind"),
                    notice.Instant("receivedAt"),
                    Formats.NameOf(notice.Choice<NoticeChannel>("channel")),
                    notice.Text("reference", maxLength: 1000)
                ),
            LateNotice = late is null
                ? null
                : new LateNoticeRequest(late.Choice<LateNoticeMode>("mode"), late.LongText("reason")),
        };
        if (late is not null && notice is null)
        {
            fields.Refuse("lateNotice", "has no meaning without a notice");
        }
        fields.Done();
        return request;
    }

    /// <summary>The command, and the personal values that it points to.</summary>
    public (OpenTermination Command, IReadOnlyList<PersonalRow> Personal) ToCommand(string caseId, string actor)
    {
        List<PersonalRow> personal = [];
        PersonalRef Keep<T>(T value)
        {
            PersonalRow row = PersonalRow.Of(value);
            personal.Add(row);
            return row.Ref;
        }

        var command = new OpenTermination(
            caseId,
            ContractId,
            CustomerId,
            Keep(CustomerName),
            Keep(Contact.Details),
            Contact.Locale,
            Term,
            Notice is { } n ? new Notice(n.Kind, n.ReceivedAt, n.Channel, Keep(n.Reference)) : null,
            LateNotice is { } late ? new LateNotice(late.Mode, Keep(late.Reason)) : null,
            new TerminationPolicy()
        )
        {
            Actor = actor,
        };
        return (command, personal);
    }
}

public sealed record NoticeRequest(NoticeKind Kind, DateTimeOffset ReceivedAt, string Channel, string Reference);

public sealed record LateNoticeRequest(LateNoticeMode Mode, string Reason);

/// <summary>A contact as it is sent.</summary>
public sealed record ContactRequest(ContactDetails Details, string Locale)
{
    public static ContactRequest Read(JsonFields fields) =>
        new(new ContactDetails(fields.Text("name"), fields.MailAddress("email")), fields.Text("locale", maxLength: 35));
}
