using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Winnow.Gateway.Serving;

namespace Winnow.Gateway.Api;

/// <summary>The reading endpoints: <c>/v1/models</c>.</summary>
internal static class ModelEndpoints
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/models", (IModelRegistry models) =>
            Results.Json(new ModelList([.. models.Ready.Select(Describe)]), ApiJson.Relaxed.ModelList));
        routes.MapGet("/v1/models/{**name}", (string name, IModelRegistry models) =>
            Results.Json(Describe(models.Ready.FirstOrDefault(model => model.Name == name)
                ?? throw ApiException.ModelNotFound(name, models.Ready.Select(model => model.Name))), ApiJson.Relaxed.ModelInfo));
    }

    private static ModelInfo Describe(ServedModel model) => new(model.Name, model.Created.ToUnixTimeSeconds(), model.ContextTokens);
}
