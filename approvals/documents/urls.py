"""Addresses of 文书, below /approvals/; no name and no number of a person in any."""

from django.urls import path

from approvals import views_documents as views
from approvals.documents import views as file_views

document_urls = [
    path("documents/<int:pk>/", views.document, name="document"),
    path("documents/make/<int:pk>/", views.document_make, name="document_make"),
    path("documents/draft/<int:pk>/<slug:kind>/", views.document_draft, name="document_draft"),
    path("documents/case-file/<int:pk>/order/", file_views.case_file_order, name="case_file_order"),
    path("documents/case-file/<int:pk>/", file_views.case_file, name="case_file"),
    path("documents/case-file/<int:pk>/file/", file_views.case_file_pdf, name="case_file_pdf"),
    path("documents/batch/", views.documents_batch, name="documents_batch"),
    path("documents/batch/<int:pk>/", views.documents_progress, name="documents_progress"),
    path("documents/batch/<int:pk>/file/", views.documents_file, name="documents_file"),
]
