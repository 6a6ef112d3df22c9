//! What each switch does, in one sentence, as `mapwright sandbox --switches` prints it.

/// Name and sentence of every switch.
pub(super) const LIST: &[(&str, &str)] = &[
    (
        "account_offset",
        "UTC offset of every time in an answer, such as +02:00, or a zone such as Europe/Berlin.",
    ),
    (
        "create_status",
        "Status code of a create that inserted a record: 200 or 201.",
    ),
    (
        "error_messages",
        "Form of errors.message: list, text or localized.",
    ),
    (
        "other_error_body",
        "Body of 401, 404, 405, 413, 429 and 500: envelope, html or empty.",
    ),
    (
        "unknown_route",
        "Body for an unknown address: envelope, html or empty.",
    ),
    (
        "writes",
        "refused answers every write with 403, as for a key without rights.",
    ),
    (
        "quota_per_hour",
        "Requests per window before 429; 0 is without limit.",
    ),
    (
        "quota_used_at_start",
        "Requests that other integrations have used in every window.",
    ),
    ("quota_window_s", "Length of the quota window in seconds."),
    (
        "quota_per_minute",
        "Requests in a minute before 429, as classic has them (400); 0 is without limit.",
    ),
    (
        "rate_reset",
        "Form of x-ratelimit-reset: text (ddmmyyHHMMSS) or epoch.",
    ),
    ("retry_after", "Whether a 429 carries Retry-After."),
    (
        "contact_needs",
        "What a new contact needs: nothing, email or email_or_mobile.",
    ),
    (
        "email_unique",
        "Which contact addresses are unique: primary, any or no.",
    ),
    ("lead_needs", "What a new lead needs: last_name or nothing."),
    (
        "lead_email_unique",
        "Whether the primary address of a lead is unique.",
    ),
    (
        "lead_score_writable",
        "Whether lead_score of a lead or contact is kept as written.",
    ),
    (
        "lead_fields_mapped",
        "Whether custom fields go over when a lead is converted, as an admin may map them.",
    ),
    (
        "convert_answer",
        "What the conversion of a lead answers: contact, lead or empty (204).",
    ),
    (
        "created_at_honoured",
        "Whether created_at and updated_at of a create are kept.",
    ),
    (
        "unknown_field",
        "An unknown field or cf_ name: ignored or refused.",
    ),
    (
        "bad_choice",
        "A value that is no choice of a dropdown: ignored or refused.",
    ),
    (
        "overlong_text",
        "Text over its limit: refused or truncated.",
    ),
    (
        "standard_text_max",
        "Characters in a standard text field; 0 is without limit.",
    ),
    (
        "blank_text_kept",
        "Whether empty text is kept as it is instead of becoming null.",
    ),
    (
        "stage_mismatch",
        "A status of another stage: refused, status_wins or stage_wins.",
    ),
    (
        "stage_shown",
        "What shows lifecycle_stage_id: contact_status (the include), always, never.",
    ),
    (
        "new_contact_stage",
        "Whether a new contact starts in the first stage and its first status.",
    ),
    (
        "owner_by_default",
        "Whether a record without an owner gets the owner of the key.",
    ),
    (
        "bounced_writable",
        "Subscription status 3 and 4 on write: accepted or refused.",
    ),
    (
        "subscription_ignored",
        "Whether a write of subscription_status is answered with success and not kept.",
    ),
    (
        "accounts_write",
        "A write of sales_accounts: replaces or merges.",
    ),
    (
        "accounts_per_contact_max",
        "Accounts that a contact can have.",
    ),
    (
        "deleted_keys",
        "Unique values of deleted records: freed or blocked.",
    ),
    (
        "deleted_read",
        "A read of a deleted record by id: record or not_found.",
    ),
    ("bulk_rows_max", "Rows in one bulk call."),
    (
        "job_delay_ms",
        "Milliseconds until a bulk job is applied and done.",
    ),
    (
        "job_end",
        "What becomes of a bulk job: normal, never_ending, all_fail, half_fail, lost or silent.",
    ),
    (
        "job_words",
        "The four words of a job's status: waiting, working, done, failed.",
    ),
    (
        "search_delay_ms",
        "Milliseconds until a write is found by search and filtered_search.",
    ),
    (
        "lookup_delay_ms",
        "Milliseconds until a write is found by lookup.",
    ),
    (
        "activity_types",
        "Types of sales activity that may be posted: custom_only or all.",
    ),
    (
        "past_due_date",
        "A task that is due in the past: accepted or refused.",
    ),
    (
        "list_name_unique",
        "Whether two lists of one name are refused.",
    ),
    (
        "field_creation",
        "Creation of fields on contact and account forms: accepted or refused.",
    ),
    (
        "activity_field_creation",
        "Creation of fields on sales activities, five at most: accepted or refused.",
    ),
    (
        "field_deletion",
        "Whether DELETE on a created field's address takes it away; refused: there is no such address.",
    ),
    (
        "module_creation",
        "Creation of custom modules, which one plan alone has: accepted or refused.",
    ),
    (
        "unique_on_creation",
        "unique on a field of a kind that cannot be: ignored or refused.",
    ),
    ("body_max_bytes", "Size of the largest request body."),
    (
        "lose_answer_at",
        "The write, counted from 1, whose connection is cut; 0 is none.",
    ),
    (
        "lost_answer",
        "Whether the write with the lost answer is applied or not_applied.",
    ),
    (
        "fail_at",
        "The request, counted from 1, that is answered with 500; 0 is none.",
    ),
    (
        "faults",
        "One more fault: METHOD PATH COUNT KIND, such as POST /notes 3..5 cut_after_commit; empty clears them.",
    ),
    (
        "truth_file",
        "File to which the hidden log is printed as well, set at the start; empty is none.",
    ),
];
