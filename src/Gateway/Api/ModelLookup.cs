using Winnow.Gateway.Serving;

namespace Winnow.Gateway.Api;

/// <summary>Finding the model that a request names.</summary>
internal static class ModelLookup
{
    /// <summary>The model of that name.</summary>
    /// <exception cref="ApiException">It does not exist, or is not ready.</exception>
    public static ServedModel Require(this IModelRegistry models, string name)
    {
        foreach (ServedModel model in models.Ready)
        {
            if (model.Name == name)
            {
                return model;
            }
        }
        throw models.Pending.TryGetValue(name, out string? detail) || (detail = models.Unread) is not null
            ? ApiException.Unavailable("model_not_ready", $"The model '{name}' is not ready yet: {detail}", models.WaitFor(name))
            : ApiException.ModelNotFound(name, models.Ready.Select(model => model.Name).Concat(models.Pending.Keys));
    }
}
