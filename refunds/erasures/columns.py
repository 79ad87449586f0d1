"""What becomes of every column that can hold words: the one list of what is personal, and how long it may be kept.

A test walks every model and fails on a column that is missing here, so that a new one cannot be forgotten. Amounts,
dates, states and ids are kept for good: they are the books (Art. 17(3)(b) GDPR), and once the words around them are
gone nobody is known by them.
"""

from __future__ import annotations

from enum import Enum


class Fate(Enum):
    """What becomes of a column when somebody is forgotten."""

    AT_ONCE = "goes as soon as nothing of the customer is open: no statute needs it"
    MENTIONS = "free text about something else: a name or an e-mail address in it goes at once, the rest stays"
    TEXT = (
        "why a decision was made: goes once no claim can be brought any more, or, where money moved, with the vouchers"
    )
    LETTER = "business letters: go when the years for letters are over"
    VOUCHER = "an accounting record that is kept whole, and goes whole when the years for vouchers are over"
    BOOKS = "ids, codes, amounts, states: kept for good, without a name they are nobody's"
    PROOF = "hashes, signatures, and a record that holds no word of a customer: kept for good"
    OURS = "about our own people, teams and settings, not about customers"
    SHORT_LIVED = "gone within a day or two by itself, and not searched"


AT_ONCE, MENTIONS, TEXT, LETTER, VOUCHER = Fate.AT_ONCE, Fate.MENTIONS, Fate.TEXT, Fate.LETTER, Fate.VOUCHER
BOOKS, PROOF, OURS, SHORT_LIVED = Fate.BOOKS, Fate.PROOF, Fate.OURS, Fate.SHORT_LIVED


def _all(fate: Fate, columns: str) -> dict[str, Fate]:
    return dict.fromkeys(columns.split(), fate)


CODE = "code label hint leakage_class owner playbook when_to_use when_not_to_use evidence_kinds state merged_into_id"

COLUMNS: dict[str, dict[str, Fate]] = {
    # refunds
    "refunds_customer": {**_all(BOOKS, "channel external_id"), **_all(AT_ONCE, "name email country language")},
    "refunds_order": _all(BOOKS, "channel external_id currency"),
    "refunds_orderline": {**_all(BOOKS, "line sku category"), "title": MENTIONS},
    "refunds_payment": {**_all(BOOKS, "gateway external_id currency method"), "last4": AT_ONCE},
    "refunds_refundrequest": {
        **_all(BOOKS, "reference state held_from category line_set currency legal_basis method exception_code risk"),
        **_all(BOOKS, "evidence_missing reason connect_share"),
        **_all(TEXT, "note question exception_rationale failure_reason"),
    },
    "refunds_proposalcall": _all(OURS, "inputs_sha256 model_name outcome"),
    "refunds_proposal": {**_all(OURS, "kind state"), "text": TEXT},
    "refunds_refundline": _all(BOOKS, "condition"),
    "refunds_operation": {
        **_all(BOOKS, "gateway state currency idempotency_key external_id acquirer_reference"),
        "failure_reason": TEXT,
    },
    "refunds_alternatepayout": {
        **_all(BOOKS, "method method_before currency state"),
        # Where the money went substantiates the voucher, and goes with it.
        **_all(TEXT, "rationale account_holder iban_sealed iban_masked"),
    },
    "refunds_paymentfile": {**_all(BOOKS, "state currency debtor_iban sha256"), "sealed": VOUCHER},
    "refunds_transfer": {"end_to_end_id": BOOKS},
    "refunds_storecredit": _all(BOOKS, "idempotency_key currency"),
    "refunds_attempt": {"outcome": BOOKS, "detail": TEXT},
    "refunds_release": _all(BOOKS, "currency"),
    "refunds_gatewayline": _all(OURS, "gateway stop"),
    "refunds_delivery": {**_all(BOOKS, "source event_id event_type object_id state body_sha256 note"), "raw": AT_ONCE},
    "refunds_shopconnection": _all(
        OURS,
        "kind channel domain api_base token_sha256 token_end secret_sealed old_secret_sealed access_sealed public_key"
        " last_failure",
    ),
    "refunds_deliveryproof": {
        **_all(BOOKS, "source external_id carrier"),
        "tracking": AT_ONCE,
        "note": MENTIONS,
    },
    "refunds_shopnote": _all(BOOKS, "state external_id outcome"),
    "refunds_shoprefund": _all(BOOKS, "external_id currency"),
    "refunds_actionexecution": {**_all(BOOKS, "state idempotency_key"), "last_answer": MENTIONS},
    "refunds_lostrefund": _all(BOOKS, "gateway external_id currency"),
    "refunds_sweepmark": _all(BOOKS, "gateway what"),
    "refunds_dispute": _all(BOOKS, "gateway external_id kind status reason currency"),
    "refunds_statement": {
        **_all(BOOKS, "account format sha256 currency fetched_by"),
        **_all(VOUCHER, "filename content"),
        "undone_why": MENTIONS,
    },
    "refunds_processorpayout": _all(BOOKS, "account external_id currency status failure problem"),
    "refunds_helpdesk": _all(OURS, "slug title address"),
    "refunds_batch": {"rows": SHORT_LIVED},
    "refunds_filingkey": _all(BOOKS, "key fingerprint"),
    "refunds_ticketlink": _all(BOOKS, "ticket_id"),
    "refunds_columnmapping": _all(
        OURS,
        "slug title account own_account delimiter encoding decimal_mark date_pattern time_zone currency categories"
        " booked_column amount_column debit_column credit_column fee_column balance_column currency_column id_column"
        " category_column operation_column payment_column payout_column order_column value_column text_column",
    ),
    "refunds_statementbalance": _all(BOOKS, "own_account currency"),
    "refunds_statementline": {
        **_all(BOOKS, "account external_id category source_id operation_ref payment_ref currency result"),
        **_all(BOOKS, "payout_ref merchant_ref own_account told_category customer_currency exchange_rate"),
        "result_note": MENTIONS,
        # What the bank or the processor wrote belongs to the voucher, its file.
        "text": VOUCHER,
    },
    "refunds_glaccount": _all(OURS, "role gateway currency code name"),
    "refunds_journalentry": _all(BOOKS, "event_key kind account gateway subject_kind subject_id reference"),
    "refunds_journalline": _all(BOOKS, "role code currency"),
    "refunds_glexport": _all(BOOKS, "format currency subsidiary file sums sha256 team_ids"),
    "refunds_period": {
        **_all(BOOKS, "account state"),
        **_all(MENTIONS, "first_note second_note reopen_why"),
        **_all(PROOF, "report report_sha256"),
    },
    "refunds_break": {
        **_all(BOOKS, "kind state account currency reference resolution books_against"),
        **_all(MENTIONS, "finding note"),
    },
    "refunds_breakcomment": {"text": MENTIONS},
    "refunds_policygap": {"text": MENTIONS},
    "refunds_breaklimit": {"currency": OURS},
    "refunds_breakpromise": {"kind": OURS},
    "refunds_match": {"found_by": BOOKS, "explanation": MENTIONS},
    "refunds_severedmatch": {"found_by": BOOKS, "why": MENTIONS},
    "refunds_erasure": {**_all(BOOKS, "basis state"), "outcome": PROOF},
    "refunds_erasurecustomer": _all(BOOKS, "why"),
    "refunds_legalhold": _all(OURS, "matter lifted_why"),
    "refunds_webhookendpoint": {
        **_all(OURS, "shape url sealed_url events"),
        **_all(MENTIONS, "description disabled_because"),
    },
    "refunds_webhooksecret": {"sealed": OURS},
    "refunds_announcement": _all(BOOKS, "event body"),
    "refunds_webhookdelivery": _all(BOOKS, "state last_outcome"),
    "refunds_webhookattempt": {"outcome": BOOKS, "excerpt": MENTIONS},
    # policies
    "policies_policydecision": {
        **_all(BOOKS, "subject_kind reference page category mode outcome matched_rule currency"),
        **_all(PROOF, "facts findings why_not_automatic exception_codes"),
    },
    "policies_governedaction": {
        **_all(BOOKS, "reference category currency reason gateway about destination customer state external_id"),
        **_all(BOOKS, "explanation failure"),
        "note": MENTIONS,
    },
    "policies_policy": _all(OURS, "slug title enforced_categories"),
    "policies_policyversion": _all(
        OURS, "state document change_category what why impact risk_rationale writer_ids review_note"
    ),
    "policies_versionlog": _all(PROOF, "body sha256"),
    "policies_baseline": {**_all(OURS, "document document_sha256 sha256"), "content": SHORT_LIVED},
    "policies_baselinecase": _all(BOOKS, "refund_id category reason currency outcome matched_rule"),
    "policies_backtest": _all(OURS, "document document_sha256 result"),
    "policies_backtestflip": _all(BOOKS, "old_outcome new_outcome"),
    "policies_reasoncode": _all(OURS, CODE),
    "policies_exceptioncode": _all(OURS, CODE),
    "policies_modechange": _all(OURS, "category mode state why answer"),
    # approvals
    "approvals_approvalroute": {
        **_all(BOOKS, "subject_kind state reference title category reason exception_code risk currency page panel"),
        **_all(BOOKS, "current_role open_roles"),
        "customer": AT_ONCE,
    },
    "approvals_approvalstep": _all(BOOKS, "role state escalates_to"),
    "approvals_approvaldecision": {
        **_all(BOOKS, "verdict currency code role_at_time evidence_opened"),
        "rationale": TEXT,
    },
    "approvals_freezeswitch": {**_all(BOOKS, "scope category"), **_all(MENTIONS, "why lifted_why")},
    "approvals_freezestop": _all(BOOKS, "subject_kind reference page verb currency"),
    "approvals_delegation": {**_all(OURS, "state categories currency"), "why": MENTIONS},
    "approvals_absence": {"note": MENTIONS},
    "approvals_savedview": _all(MENTIONS, "name query"),
    "approvals_deadend": {"why": OURS},
    "approvals_involvement": _all(BOOKS, "subject_kind part"),
    "approvals_notice": {"kind": BOOKS},
    "approvals_noticesetting": {"wish": OURS},
    "approvals_authoritylimit": _all(OURS, "role category currency"),
    "approvals_authoritylimitevent": _all(OURS, "pgh_label role category currency"),
    "approvals_limitchange": _all(OURS, "role category currency state why answer"),
    "approvals_rolegrant": _all(OURS, "role state review answer"),
    "approvals_signedreview": {"sha256": PROOF, "note": MENTIONS},
    "approvals_stepuplimit": {"currency": OURS},
    "approvals_teamcalendar": {"weekdays": OURS},
    "approvals_holiday": {"name": OURS},
    # evidence
    # The file is gone within a day, and at once when somebody in it is forgotten.
    "evidence_bundle": _all(BOOKS, "kind subject_kind title parameters team_ids rights file manifest_sha256"),
    "evidence_attachment": {
        **_all(BOOKS, "subject_kind kind media_type scan_state infection"),
        **_all(TEXT, "name original shown sha256 camera software"),
    },
    "evidence_attachmentfingerprint": _all(TEXT, "phash dhash"),
    "evidence_attachmentreuse": {"likelihood": TEXT},
    "evidence_customermessage": {
        **_all(BOOKS, "subject_kind reference page template language channel state decider_ids"),
        **_all(LETTER, "to customer wanted_language subject_line body closing body_sha256 review_note failure"),
    },
    "evidence_refusedaction": _all(OURS, "action about code request_id"),
    "evidence_messagetemplate": _all(OURS, "event language channel state subject_line body what writer_ids"),
    "evidence_subjectsalt": {"subject_kind": BOOKS, "salt": TEXT},
    "evidence_evidencerequirement": _all(
        OURS, "point artifact category reason exception_code method currency why owner"
    ),
    "evidence_ledgerentry": _all(PROOF, "subject_kind kind machine sentence payload prev_hash hash"),
    "evidence_signingkey": _all(PROOF, "key_id name public_key"),
    "evidence_checkpointleaf": {"entry_hash": PROOF},
    "evidence_checkpointnode": {"hash": PROOF},
    "evidence_checkpoint": _all(PROOF, "root previous note key_id"),
    "evidence_checkpointerrand": _all(PROOF, "kind problem place token"),
    # analytics
    "analytics_outflowfact": _all(
        BOOKS, "subject_kind currency category state outcome reason code band channel origin product"
    ),
    "analytics_capturecell": {"currency": BOOKS},
    "analytics_capturefact": {"currency": BOOKS},
    "analytics_outflowcell": _all(BOOKS, "basis currency dimension value"),
    "analytics_patternreading": {"plots": BOOKS},
    "analytics_patternsignal": _all(BOOKS, "pattern key sentence numbers request_ids people team_ids"),
    "analytics_patternmark": {**_all(BOOKS, "pattern key people answer"), "note": MENTIONS},
    "analytics_remediationitem": {
        **_all(BOOKS, "state code_kind code label colour cost"),
        **_all(OURS, "owner_team playbook sop_version"),
        **_all(MENTIONS, "finding hypothesis change sop_link evidence_link closing_note reopened_why"),
    },
    "analytics_remediationnote": {"text": MENTIONS},
    "analytics_remediationreading": {"kind": BOOKS},
    "analytics_remediationrule": {"code_kind": OURS},
    "analytics_rollupmark": _all(SHORT_LIVED, "waits_for payment_waits_for"),
    "analytics_sample": _all(BOOKS, "population method seed query population_sha256 strata"),
    "analytics_sampleddecision": {
        **_all(BOOKS, "stratum outcome involved answer finding"),
        **_all(MENTIONS, "rationale correction"),
    },
    "analytics_scorecardthreshold": _all(OURS, "measure why"),
    "analytics_scorecard": _all(BOOKS, "lines colour sha256"),
    # kernel
    "kernel_user": _all(OURS, "password username first_name last_name email"),
    "kernel_team": _all(OURS, "slug name currency time_zone"),
    "kernel_personevent": _all(OURS, "pgh_label username first_name last_name"),
    "kernel_personroleevent": {"pgh_label": OURS},
    "kernel_personteamevent": {"pgh_label": OURS},
    "kernel_preferences": _all(OURS, "theme density letter_keys language time_zone"),
    "kernel_apitoken": _all(OURS, "digest token_key name scopes"),
    "kernel_serviceaccount": _all(OURS, "purpose quarantined_why"),
    "kernel_askinglimit": _all(OURS, "currency"),
    "kernel_pace": {"caller": SHORT_LIVED},
    "kernel_lastrun": {"name": OURS},
    "kernel_wrongtry": {"whose": SHORT_LIVED},
    # Addresses are personal: gone after SIGN_IN_KEEP_DAYS.
    "kernel_signinevent": _all(OURS, "happening called means address device"),
    "kernel_browserreport": _all(OURS, "directive blocked path"),
    "kernel_cache": _all(SHORT_LIVED, "cache_key value"),
    "kernel_session": _all(SHORT_LIVED, "session_key session_data"),
    "account_emailaddress": {"email": OURS},
    "account_emailconfirmation": {"key": OURS},
    "mfa_authenticator": _all(OURS, "type data"),
    "socialaccount_socialaccount": _all(OURS, "provider uid extra_data"),
    "socialaccount_socialapp": _all(OURS, "provider provider_id name client_id secret key settings"),
    "socialaccount_socialtoken": _all(OURS, "token token_secret"),
    "kernel_storedanswer": {**_all(BOOKS, "key fingerprint content_type"), "body": AT_ONCE},
    "kernel_outboxrow": {**_all(BOOKS, "news task ids"), "last_error": MENTIONS},
    "kernel_job": {**_all(BOOKS, "kind state"), **_all(MENTIONS, "result error")},
    # Django and its friends
    "django_session": _all(SHORT_LIVED, "session_key session_data"),
    "django_admin_log": {"object_id": BOOKS, **_all(MENTIONS, "object_repr change_message")},
    "django_content_type": _all(OURS, "app_label model"),
    "auth_group": {"name": OURS},
    "auth_permission": _all(OURS, "name codename"),
    "knox_authtoken": _all(OURS, "digest token_key"),
    "guardian_userobjectpermission": {"object_pk": OURS},
    "guardian_groupobjectpermission": {"object_pk": OURS},
    "pghistory_context": {"metadata": OURS},
}
"""By table and column, as the database calls them."""


def columns_that(fate: Fate) -> list[tuple[str, str]]:
    """List the columns with this fate, table by table."""
    return [(table, column) for table, fates in COLUMNS.items() for column, found in fates.items() if found is fate]
