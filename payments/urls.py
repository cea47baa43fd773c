from django.urls import path

from payments.views import bank, batches, benefits, funds, payouts

app_name = "payments"
urlpatterns = [
    path("batches/", batches.batches, name="batches"),
    path("batches/prepare", batches.prepare_new, name="prepare_new"),
    path("batches/<int:pk>/", batches.batch, name="batch"),
    path("batches/<int:pk>/prepare", batches.prepare, name="prepare"),
    path("batches/<int:pk>/check", batches.check, name="check"),
    path("batches/<int:pk>/return", batches.return_batch, name="return"),
    path("batches/<int:pk>/request", batches.ask_month, name="ask_month"),
    path("batches/<int:pk>/seal", batches.seal, name="seal"),
    path("batches/<int:pk>/bank-file", batches.bank_file, name="bank_file"),
    path("batches/<int:pk>/retry", batches.retry, name="retry"),
    path("batches/<int:pk>/progress", batches.progress, name="progress"),
    path("payouts/", payouts.waiting, name="waiting"),
    path("payouts/prepare", payouts.prepare, name="payout_prepare"),
    path("payouts/lines/<int:pk>/take-out", payouts.take_out, name="take_out"),
    path("grants/<int:pk>/", payouts.grant, name="grant"),
    path("funds/", funds.funds, name="funds"),
    path("funds/request/", funds.fund_request, name="fund_request"),
    path("funds/requests/<int:pk>/decide", funds.fund_decide, name="fund_decide"),
    path("funds/<int:pk>/", funds.fund, name="fund"),
    path("funds/<int:pk>/export", funds.fund_export, name="fund_export"),
    path("files/<int:pk>/<slug:form>", bank.download, name="download"),
    path("files/<int:pk>/answer/", bank.answer, name="answer"),
    path("files/<int:pk>/answer/template", bank.answer_template, name="answer_template"),
    path("answers/<int:pk>/", bank.answer_preview, name="answer_preview"),
    path("answers/<int:pk>/confirm", bank.answer_confirm, name="answer_confirm"),
    path("unknown/<int:pk>/", bank.unknown, name="unknown"),
    path("benefits/", benefits.benefits, name="benefits"),
    path("benefits/export", benefits.benefits_export, name="benefits_export"),
    path("benefits/<int:pk>/", benefits.benefit, name="benefit"),
    path("benefits/<int:pk>/account", benefits.benefit_account, name="benefit_account"),
    path("benefits/<int:pk>/payee/", benefits.payee, name="payee"),
    path("benefits/<int:pk>/care-payee/", benefits.care_payee, name="care_payee"),
]
