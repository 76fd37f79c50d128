using Portability.Terminations;

namespace Portability.Erasure;

/// <summary>The texts of certificates.</summary>
internal static class CertificateLanguages
{
    public static readonly CertificateWords English = new()
    {
        Language = "en",
        Title = "Certificate of erasure",
        Page = "Page {0} of {1}",
        Number = "Certificate",
        Supersedes = "Supersedes certificate",
        Customer = "Customer",
        Contract = "Contract",
        Case = "Case",
        Kind = "What was done",
        Kinds = new Dictionary<ErasureKind, string>
        {
            [ErasureKind.Full] = "Erasure of the customer's data after the end of the contract",
            [ErasureKind.Release] = "Erasure of data whose time of keeping by law has ended",
            [ErasureKind.Replay] = "Erasure of data that a restored backup had brought back",
        },
        EffectiveEnd = "Service ended",
        Started = "Erasure started",
        Sealed = "Plan sealed, rows counted",
        Verified = "Counted again, independently",
        Completed = "Certified",
        TimeZone = "Time zone of the contract (times here are UTC)",
        Actors = "Acted in the case",
        Export = "Last complete export, SHA-256 of its manifest",
        NoExport = "none was made",
        Chain = "Event chain of the case",
        ChainText = "event {0}, SHA-256 {1}",
        Ledger = "Entry in the ledger of erasures",
        LedgerText = "entry {0}, SHA-256 {1}",
        Statements = new Dictionary<CertificateStatus, string>
        {
            [CertificateStatus.Complete] =
                "The customer's data has been erased in every system listed here. Nothing of it is left there but what this certificate lists.",
            [CertificateStatus.Retaining] =
                "The customer's data has been erased, except what the law requires us to keep. It is listed below with its legal basis and the day from which it will be erased; another certificate follows then.",
            [CertificateStatus.Held] =
                "This is no proof of complete erasure: a legal hold covers part of the data, as listed below.",
            [CertificateStatus.Unproven] =
                "This is no proof of erasure: something is left, or a processor has not answered, as listed below.",
        },
        Counts = "Counts by dataset",
        CountsText =
            "Before = deleted + anonymised + unlinked + retained + held + kept parents + tombstone + removed by others. Since export: rows that came after the last export was made.",
        CountColumns =
        [
            "Dataset",
            "System",
            "Rule",
            "Before",
            "Exported",
            "Since export",
            "Deleted",
            "Anonymised",
            "Unlinked",
            "Retained",
            "Held",
            "Kept parents",
            "Tombstone",
            "By others",
            "After",
            "Outcome",
        ],
        Outcomes = new Dictionary<ErasureOutcome, string>
        {
            [ErasureOutcome.Verified] = "verified",
            [ErasureOutcome.Retained] = "retained",
            [ErasureOutcome.Held] = "held",
            [ErasureOutcome.Unproven] = "unproven",
        },
        Total = "Total",
        Exceptions = "Kept by law",
        ExceptionColumns = ["Dataset", "Rows", "Class", "Legal basis", "Erased from"],
        KeptParents = "Rows reduced to keys and required columns, because kept rows refer to them",
        ParentColumns = ["Dataset", "Rows", "Needed by"],
        Findings = "Findings",
        Processors = "Sub-processors",
        ProcessorColumns = ["Processor", "Reference", "Acknowledged"],
        Unanswered = "no answer",
        Backups = "Backups",
        BackupColumns = ["Class", "Systems", "Last copy expires"],
        Signature = "Signature",
        SignatureText =
            "This document repeats the signed certificate, a JSON file with the SHA-256 below. Its signature (ES256: ECDSA on P-256 over SHA-256) and the public key come with it; openssl alone checks them:\nopenssl dgst -sha256 -verify key.pem -signature certificate.sig certificate.json",
        Fingerprint = "SHA-256 of the certificate (JSON)",
        Key = "Key id",
    };

    public static readonly CertificateWords Swedish = new()
    {
        Language = "sv",
        Title = "Intyg om radering",
        Page = "Sida {0} av {1}",
        Number = "Intyg",
        Supersedes = "Ersätter intyg",
        Customer = "Kund",
        Contract = "Avtal",
        Case = "Ärende",
        Kind = "Vad som har gjorts",
        Kinds = new Dictionary<ErasureKind, string>
        {
            [ErasureKind.Full] = "Radering av kundens data efter avtalets slut",
            [ErasureKind.Release] = "Radering av data vars lagstadgade bevarandetid har löpt ut",
            [ErasureKind.Replay] = "Radering av data som en återställd säkerhetskopia hade fört tillbaka",
        },
        EffectiveEnd = "Tjänsten upphörde",
        Started = "Raderingen började",
        Sealed = "Planen förseglad, raderna räknade",
        Verified = "Räknat på nytt, oberoende",
        Completed = "Intygat",
        TimeZone = "Avtalets tidszon (tider här är UTC)",
        Actors = "Har handlat i ärendet",
        Export = "Senaste fullständiga export, manifestets SHA-256",
        NoExport = "ingen har gjorts",
        Chain = "Ärendets händelsekedja",
        ChainText = "händelse {0}, SHA-256 {1}",
        Ledger = "Post i liggaren över raderingar",
        LedgerText = "post {0}, SHA-256 {1}",
        Statements = new Dictionary<CertificateStatus, string>
        {
            [CertificateStatus.Complete] =
                "Kundens data har raderats i alla system som anges här. Inget av den finns kvar där utom det som intyget räknar upp.",
            [CertificateStatus.Retaining] =
                "Kundens data har raderats, utom det som lagen kräver att vi bevarar. Det anges nedan med rättslig grund och den dag från vilken det raderas; då följer ett nytt intyg.",
            [CertificateStatus.Held] =
                "Detta är inget bevis på fullständig radering: ett rättsligt bevarandekrav omfattar en del av datan, se nedan.",
            [CertificateStatus.Unproven] =
                "Detta är inget bevis på radering: något finns kvar, eller ett personuppgiftsbiträde har inte svarat, se nedan.",
        },
        Counts = "Antal per datamängd",
        CountsText =
            "Före = raderade + anonymiserade + frikopplade + bevarade + spärrade + behållna föräldrar + gravsten + borttagna av andra. Sedan export: rader som tillkom efter den senaste exporten.",
        CountColumns =
        [
            "Datamängd",
            "System",
            "Regel",
            "Före",
            "Exporte-rade",
            "Sedan export",
            "Raderade",
            "Anonymi-serade",
            "Frikopp-lade",
            "Bevarade",
            "Spärrade",
            "Behållna föräldrar",
            "Gravsten",
            "Av andra",
            "Efter",
            "Utfall",
        ],
        Outcomes = new Dictionary<ErasureOutcome, string>
        {
            [ErasureOutcome.Verified] = "verifierat",
            [ErasureOutcome.Retained] = "bevarat",
            [ErasureOutcome.Held] = "spärrat",
            [ErasureOutcome.Unproven] = "obevisat",
        },
        Total = "Summa",
        Exceptions = "Bevarat enligt lag",
        ExceptionColumns = ["Datamängd", "Rader", "Klass", "Rättslig grund", "Raderas från"],
        KeptParents =
            "Rader som minskats till nycklar och obligatoriska kolumner, eftersom bevarade rader hänvisar till dem",
        ParentColumns = ["Datamängd", "Rader", "Behövs av"],
        Findings = "Fynd",
        Processors = "Underbiträden",
        ProcessorColumns = ["Biträde", "Referens", "Bekräftat"],
        Unanswered = "inget svar",
        Backups = "Säkerhetskopior",
        BackupColumns = ["Klass", "System", "Sista kopian upphör"],
        Signature = "Underskrift",
        SignatureText =
            "Detta dokument återger det underskrivna intyget, en JSON-fil med nedanstående SHA-256. Dess signatur (ES256: ECDSA på P-256 över SHA-256) och den öppna nyckeln följer med; openssl räcker för att kontrollera dem:\nopenssl dgst -sha256 -verify key.pem -signature certificate.sig certificate.json",
        Fingerprint = "Intygets SHA-256 (JSON)",
        Key = "Nyckelns id",
    };

    public static readonly CertificateWords Norwegian = new()
    {
        Language = "nb",
        Title = "Bekreftelse på sletting",
        Page = "Side {0} av {1}",
        Number = "Bekreftelse",
        Supersedes = "Erstatter bekreftelse",
        Customer = "Kunde",
        Contract = "Avtale",
        Case = "Sak",
        Kind = "Hva som er gjort",
        Kinds = new Dictionary<ErasureKind, string>
        {
            [ErasureKind.Full] = "Sletting av kundens data etter avtalens slutt",
            [ErasureKind.Release] = "Sletting av data som loven ikke lenger krever oppbevart",
            [ErasureKind.Replay] = "Sletting av data som en gjenopprettet sikkerhetskopi hadde brakt tilbake",
        },
        EffectiveEnd = "Tjenesten opphørte",
        Started = "Slettingen begynte",
        Sealed = "Planen forseglet, radene talt",
        Verified = "Talt på nytt, uavhengig",
        Completed = "Bekreftet",
        TimeZone = "Avtalens tidssone (tider her er UTC)",
        Actors = "Har handlet i saken",
        Export = "Siste fullstendige eksport, manifestets SHA-256",
        NoExport = "ingen er laget",
        Chain = "Sakens hendelseskjede",
        ChainText = "hendelse {0}, SHA-256 {1}",
        Ledger = "Oppføring i protokollen over slettinger",
        LedgerText = "oppføring {0}, SHA-256 {1}",
        Statements = new Dictionary<CertificateStatus, string>
        {
            [CertificateStatus.Complete] =
                "Kundens data er slettet i alle systemer som er oppført her. Ingenting av dem er igjen der utover det som bekreftelsen lister opp.",
            [CertificateStatus.Retaining] =
                "Kundens data er slettet, unntatt det loven krever at vi oppbevarer. Det er oppført nedenfor med rettslig grunnlag og dagen det slettes fra; da følger en ny bekreftelse.",
            [CertificateStatus.Held] =
                "Dette er ikke bevis på fullstendig sletting: et rettslig krav om bevaring omfatter en del av dataene, se nedenfor.",
            [CertificateStatus.Unproven] =
                "Dette er ikke bevis på sletting: noe er igjen, eller en databehandler har ikke svart, se nedenfor.",
        },
        Counts = "Antall per datasett",
        CountsText =
            "Før = slettet + anonymisert + frikoblet + oppbevart + sperret + beholdte foreldre + gravstein + fjernet av andre. Siden eksport: rader som kom til etter siste eksport.",
        CountColumns =
        [
            "Datasett",
            "System",
            "Regel",
            "Før",
            "Eksportert",
            "Siden eksport",
            "Slettet",
            "Anonymi-sert",
            "Frikoblet",
            "Oppbevart",
            "Sperret",
            "Beholdte foreldre",
            "Gravstein",
            "Av andre",
            "Etter",
            "Utfall",
        ],
        Outcomes = new Dictionary<ErasureOutcome, string>
        {
            [ErasureOutcome.Verified] = "verifisert",
            [ErasureOutcome.Retained] = "oppbevart",
            [ErasureOutcome.Held] = "sperret",
            [ErasureOutcome.Unproven] = "ikke bevist",
        },
        Total = "Sum",
        Exceptions = "Oppbevart etter loven",
        ExceptionColumns = ["Datasett", "Rader", "Klasse", "Rettslig grunnlag", "Slettes fra"],
        KeptParents = "Rader redusert til nøkler og obligatoriske kolonner, fordi oppbevarte rader viser til dem",
        ParentColumns = ["Datasett", "Rader", "Trengs av"],
        Findings = "Funn",
        Processors = "Underdatabehandlere",
        ProcessorColumns = ["Databehandler", "Referanse", "Bekreftet"],
        Unanswered = "ikke svart",
        Backups = "Sikkerhetskopier",
        BackupColumns = ["Klasse", "Systemer", "Siste kopi utløper"],
        Signature = "Signatur",
        SignatureText =
            "Dette dokumentet gjengir den signerte bekreftelsen, en JSON-fil med SHA-256 som nedenfor. Signaturen (ES256: ECDSA på P-256 over SHA-256) og den offentlige nøkkelen følger med; openssl alene kontrollerer dem:\nopenssl dgst -sha256 -verify key.pem -signature certificate.sig certificate.json",
        Fingerprint = "Bekreftelsens SHA-256 (JSON)",
        Key = "Nøkkelens id",
    };
}
