from django.urls import path

from cases.views import lists, papers, registration, reports, visits

app_name = "cases"
urlpatterns = [
    path("", lists.applications, name="list"),
    path("export/", lists.export, name="export"),
    path("register/", registration.register, name="register"),
    path("register/read-id/", registration.read_id, name="read_id"),
    path("<str:number>/edit/", registration.edit, name="edit"),
    path("<str:number>/discard/", registration.discard, name="discard"),
    path("<str:number>/materials/", papers.receive_materials, name="receive_materials"),
    path("<str:number>/authorisations/", papers.sign_authorisations, name="sign_authorisations"),
    path("<str:number>/upload/", papers.upload, name="upload"),
    path("<str:number>/attachments/<int:pk>/", papers.attachment, name="attachment"),
    path("<str:number>/attachments/<int:pk>/withdraw/", papers.withdraw, name="withdraw"),
    path("<str:number>/unmask/", papers.unmask, name="unmask"),
    path("<str:number>/agreement/", papers.record_agreement, name="record_agreement"),
    path("<str:number>/report/", reports.record_report, name="record_report"),
    path("<str:number>/report/template/", reports.report_template, name="report_template"),
    path("<str:number>/report/preview/", reports.preview_report, name="preview_report"),
    path("<str:number>/report/confirm/", reports.confirm_report, name="confirm_report"),
    path("<str:number>/visit/", visits.record_visit, name="record_visit"),
]
