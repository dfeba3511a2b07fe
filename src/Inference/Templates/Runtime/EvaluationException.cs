namespace Winnow.Inference.Templates.Runtime;

/// <summary>A template failed while it ran; the statement around adds its line and makes it a <see cref="TemplateException"/>.</summary>
internal sealed class EvaluationException(string reason) : Exception(reason);
