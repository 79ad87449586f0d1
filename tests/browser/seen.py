"""Which test looks at which page with axe, in both themes or at several widths: a new page must be entered here."""

from __future__ import annotations

SEEN = {
    "test_screens": """home refunds:intake refunds:intake_order refunds:requests refunds:request refunds:search
        refunds:exceptions approvals:queue refunds:processing refunds:reconciliation refunds:upload_statement
        refunds:statement evidence:outbox refunds:propose_payout refunds:payment_files refunds:payment_file
        policies:actions policies:action refunds:bypass analytics:dashboard""",
    "test_login": "account_login",
    "test_passkeys": """account:sessions account:change_password mfa_index mfa_list_webauthn account:forgotten
        account:set_password mfa_activate_totp account:first_run""",
    "test_approval_screens": """approvals:authority approvals:limit_changes approvals:access_review
        approvals:delegations approvals:freezes approvals:notices approvals:open_link policies:dead_ends step_up
        step_up_passkey""",
    "test_money_screens": """refunds:books refunds:gl_exports refunds:gl_export refunds:journal_entry
        refunds:periods refunds:period refunds:period_report refunds:breaks refunds:break""",
    "test_reconciliation": "refunds:line",
    "test_shops": "refunds:upload_orders",
    "test_idle": "refunds:goodwill",
    "test_erasures": "refunds:erasures refunds:erasure",
    "test_evidence_map": "refunds:evidence_map",
    "test_ledger_screen": "evidence:ledger",
    "test_messages": "evidence:message",
    "test_viewer": "evidence:attachment",
    "test_settings": "settings",
    "test_palette": "palette",
    "test_codes": "analytics:codes analytics:code",
    "test_charts": "analytics:leakage analytics:patterns analytics:scorecards",
    "test_leakage": "analytics:leakage_rows",
    "test_patterns": "analytics:pattern",
    "test_remediation": """analytics:remediation analytics:remediation_item analytics:open_remediation
        analytics:samples analytics:sample analytics:second_look""",
}
"""By test module; the addresses are in the module itself."""

HERE = {
    "account_inactive": "",
    "socialaccount_login_cancelled": "",
    "status": "root",
    "sign_ins": "ada",
    "everybody_out": "root",
    "refunds:money_trail": "lena",
    "refunds:processor_payouts": "lena",
    "refunds:bundles": "ada",
    "refunds:ticket": "amir",
    "analytics:captured": "sam",
    "analytics:late": "sam",
    "analytics:remediation_review": "sam",
    "analytics:scorecard": "sam",
}
"""What `test_every_page` opens itself, and as whom."""

NO_PAGES = {
    "a stream, a figure for programs, a file or a piece of another page": """live live_poll metrics
        account:time_left refunds:panel policies:action_panel refunds:bundle_file refunds:payment_file_content
        refunds:payout_report refunds:gl_export_file refunds:period_pdf evidence:file analytics:measure_csv
        analytics:pattern_csv analytics:leakage_csv analytics:leakage_rows_csv analytics:codes_csv
        refunds:fetch_progress refunds:import_progress analytics:pattern_reading schema job agent_card llms_txt
        healthz ^api/ api_docs typed_templates""",
    "leads on, or is there only in the middle of signing in": """openid_connect_login openid_connect_callback
        mfa_login_webauthn mfa_authenticate mfa_deactivate_totp mfa_view_recovery_codes
        mfa_generate_recovery_codes mfa_add_webauthn mfa_remove_webauthn mfa_edit_webauthn
        socialaccount_login_error""",
    "looks like the page it stands under, with one thing more": "refunds:bundle refunds:payout",
}
"""What nobody looks at by itself, with the reason."""


def seen_elsewhere() -> dict[str, str]:
    """Name the test module of each page."""
    return {name: module for module, names in SEEN.items() for name in names.split()}


def no_pages() -> set[str]:
    """Name what is no page."""
    return {name for names in NO_PAGES.values() for name in names.split()}
