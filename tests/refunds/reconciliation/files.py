"""Small files of every kind, as their makers print them, whole and right until a test breaks them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refunds.reconciliation.formats.adyen import SettlementDetail
from refunds.reconciliation.formats.bai2 import CashManagement
from refunds.reconciliation.formats.camt import BankToCustomerStatement
from refunds.reconciliation.formats.mt940 import CustomerStatement
from refunds.reconciliation.formats.ofx import OpenFinancialExchange
from refunds.reconciliation.formats.paypal import Activity
from refunds.reconciliation.formats.stripe_csv import PayoutReconciliation

if TYPE_CHECKING:
    from refunds.reconciliation.formats.base import Format

ADYEN_HEADER = (
    "Merchant Account,Psp Reference,Merchant Reference,Payment Method,TimeZone,Type,Modification Reference,"
    "Gross Currency,Gross Debit (GC),Gross Credit (GC),Exchange Rate,Net Currency,Net Debit (NC),Net Credit (NC),"
    "Commission (NC),Markup (NC),Scheme Fees (NC),Interchange (NC),Batch Number,Modification Merchant Reference,"
    "Booking Date,Booking Date TimeZone"
)
ADYEN = f"""{ADYEN_HEADER}
Shop,P1,ORDER-1,visa,CET,Settled,,EUR,,31.45,1,EUR,,31.15,,0.16,0.05,0.09,7,,2026-11-17 23:50:00,CET
Shop,P1,ORDER-1,visa,CET,Refunded,M1,EUR,19.95,,1,EUR,19.95,,,,,,7,RD0198c0de00007000800000000000000a,2026-11-17,UTC
Shop,P2,ORDER-2,visa,CET,Settled,,USD,,20.00,0.9150,EUR,,18.10,0.20,,,,7,,2026-11-17 23:50:00,CET
Shop,P3,ORDER-3,visa,CET,Chargeback,M2,EUR,6.45,,1,EUR,21.45,,,15.00,,,7,,2026-11-17 23:50:00,CET
Shop,P3,ORDER-3,visa,CET,ChargebackReversed,M3,EUR,,6.45,1,EUR,,6.45,,,,,7,,2026-11-17 23:50:00,CET
Shop,,,,CET,Fee,,EUR,,,1,EUR,0.50,,,,,,7,,2026-11-17 23:50:00,CET
Shop,,,,CET,MerchantPayout,,EUR,,,1,EUR,13.80,,,,,,7,,2026-11-17 23:50:00,CET
"""
PAYPAL_HEADER = (
    "Date,Time,TimeZone,Name,Type,Status,Currency,Gross,Fee,Net,Transaction ID,Reference Txn ID,Invoice Number,"
    "Custom Number,Balance"
)
PAYPAL_LINES = tuple(
    """
16/11/2026,07:45:51,PST,A,Express Checkout Payment,Completed,USD,84.00,-3.23,80.77,T1,,ORDER-9,,"1,080.77"
16/11/2026,09:00:00,PST,A,Refund,Completed,USD,-84.00,0.00,-84.00,T2,T1,,RD0198c0de00007000800000000000000b,996.77
16/11/2026,10:00:00,PST,A,Express Checkout Payment,Pending,USD,5.00,0.00,5.00,T3,,ORDER-1,,996.77
16/11/2026,12:00:00,PST,B,Payment,Completed,EUR,10.00,-0.50,9.50,T4,,ORDER-10,,9.50
16/11/2026,12:00:01,PST,,General Currency Conversion,Completed,EUR,-9.50,0.00,-9.50,T5,T4,,,0.00
16/11/2026,12:00:01,PST,,General Currency Conversion,Completed,USD,10.23,0.00,10.23,T6,T4,,,"1,007.00"
16/11/2026,13:00:00,PST,,Hold,Completed,USD,-7.00,0.00,-7.00,T7,T1,,,"1,000.00"
16/11/2026,18:00:00,PST,,General Withdrawal,Completed,USD,"-1,000.00",0.00,"-1,000.00",T8,,,,0.00
""".strip().splitlines()
)
PAYPAL = "\n".join([PAYPAL_HEADER, *PAYPAL_LINES, ""])
MT940 = """:20:STARTUMSE
:25:GB33BUKB20201555555555
:28C:321/1
:60F:C261118GBP10000,00
:61:2611181118C1092,15NTRFpo_1SampleGBP//BANK1
:86:STRIPE PAYOUT po_1SampleGBP
:61:2611181118D35,50NTRFRD0198c0de0000//BANK2
:86:REFUND EREF+RD0198c0de00007000800000000000000c
:61:2611191119D12,00NCHGNONREF
:86:BANK CHARGES
:61:2611191119D12,00NCHGNONREF
:86:BANK CHARGES
:62F:C261119GBP11032,65
-
"""
BAI2 = """01,BANKGB2L,SHOP,261120,0600,1,,,2/
02,SHOP,BANKGB2L,1,261119,2359,GBP,2/
03,55555555,GBP,010,1000000,,,015,1104465,,/
16,142,109215,Z,po_1SampleGBP,,STRIPE PAYOUT
16,475,3550,Z,B2,RD0198c0de00007000800000000000000d,REFUND
16,698,1200,Z,NONREF,,BANK CHARGES
49,2218430,5/
98,2218430,1,7/
99,2218430,1,9/
"""
CAMT = (
    "<?xml version='1.0'?><Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'><BkToCstmrStmt><Stmt>"
    "<Id>S1</Id><Acct><Id><IBAN>GB33BUKB20201555555555</IBAN></Id></Acct>"
    "<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy='GBP'>100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>"
    "<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy='GBP'>88.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>"
    "<Ntry><Amt Ccy='GBP'>12.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
    "<BookgDt><Dt>2026-11-18</Dt></BookgDt><ValDt><Dt>2026-11-19</Dt></ValDt></Ntry></Stmt></BkToCstmrStmt></Document>"
)
OFX = """OFXHEADER:100
DATA:OFXSGML
VERSION:102

<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>GBP<BANKACCTFROM><BANKID>202015<ACCTID>55555555</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20261118<DTEND>20261119
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20261118120000[0:GMT]<TRNAMT>+1092.15<FITID>F1<NAME>STRIPE PAYOUT<MEMO>po_1SampleGBP
</STMTTRN>
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261118<TRNAMT>-35,50<FITID>F2<NAME>REFUND<MEMO>
RD0198c0de00007000800000000000000e</STMTTRN>
<STMTTRN><TRNTYPE>SRVCHG<DTPOSTED>20261119<DTAVAIL>20261120<TRNAMT>-12.00<FITID>F3<NAME>BANK CHARGES &amp; POST
</STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>11044.65<DTASOF>20261119</LEDGERBAL><AVAILBAL><BALAMT>9000.00</AVAILBAL>
</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""

FORMATS: dict[str, Format] = {
    "stripe_payout_reconciliation_itemized_5.csv": PayoutReconciliation(),
    "adyen_settlement_detail_batch_118.csv": SettlementDetail(),
    "paypal_activity.csv": Activity(),
    "bank_camt053_v02.xml": BankToCustomerStatement(),
    "bank_camt053_v08.xml": BankToCustomerStatement(),
    "bank_mt940.sta": CustomerStatement(),
    "bank_bai2.txt": CashManagement(),
    "bank_ofx.ofx": OpenFinancialExchange(),
}
"""Who reads which sample."""

WHOLE: dict[str, tuple[Format, str]] = {
    "adyen": (SettlementDetail(), ADYEN),
    "paypal": (Activity(), PAYPAL),
    "mt940": (CustomerStatement(), MT940),
    "bai2": (CashManagement(), BAI2),
    "camt": (BankToCustomerStatement(), CAMT),
    "ofx": (OpenFinancialExchange(), OFX),
}
"""A small file of each kind, and who reads it."""

RUNNING = frozenset({"paypal"})
"""Those with a balance after each line: a missing line in the middle is seen, one at the end only against the bank."""
