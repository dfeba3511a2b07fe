using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Winnow.Contracts.Grains;
using Winnow.Gateway.Access;
using Winnow.Gateway.Api;

namespace Winnow.Gateway.Admin;

/// <summary>
/// The operator's endpoints, for keys of scope <c>admin</c>: <c>/admin/models</c> and <c>/admin/workers</c>. Changes are answered with 202 and what is
/// wanted; the lists say how far it is.
/// </summary>
internal sealed class AdminEndpoints(IClusterAdmin cluster)
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder admin = routes.MapGroup("/admin").RequireScope(ApiScope.Admin);
        admin.MapGet("/models", (HttpContext context, AdminEndpoints endpoints) => endpoints.ListModelsAsync(context));
        admin.MapPost("/models", (HttpContext context, AdminEndpoints endpoints) => endpoints.LoadAsync(context));
        admin.MapPost("/models/{name}/scale", (HttpContext context, string name, AdminEndpoints endpoints) => endpoints.ScaleAsync(context, name));
        admin.MapDelete("/models/{name}", (HttpContext context, string name, AdminEndpoints endpoints) => endpoints.UnloadAsync(context, name));
        admin.MapGet("/workers", (HttpContext context, AdminEndpoints endpoints) => endpoints.ListWorkersAsync(context));
        admin.MapPost("/workers/{id}/drain", (HttpContext context, string id, AdminEndpoints endpoints) => endpoints.DrainAsync(context, id));
    }

    private async Task<IResult> ListModelsAsync(HttpContext context) =>
        Json(new AdminModelList([.. (await cluster.ListModelsAsync(context.RequestAborted)).Select(AdminModel.From)]), StatusCodes.Status200OK);

    private async Task<IResult> LoadAsync(HttpContext context)
    {
        using JsonDocument body = await JsonBody.ReadAsync(context);
        ModelDefinition definition = ModelFields.ReadDefinition(new RequestFields(body.RootElement));
        await cluster.DefineAsync(definition, context.RequestAborted);
        return await AnswerAsync(context, definition.Name);
    }

    private async Task<IResult> ScaleAsync(HttpContext context, string name)
    {
        using JsonDocument body = await JsonBody.ReadAsync(context);
        ModelDefinition definition = (await FindAsync(context, name)).Definition ?? throw NotFound(name);
        await cluster.DefineAsync(ModelFields.ReadScale(new RequestFields(body.RootElement), definition), context.RequestAborted);
        return await AnswerAsync(context, name);
    }

    private async Task<IResult> UnloadAsync(HttpContext context, string name)
    {
        bool finish = context.Request.Query["running"].ToString() switch
        {
            "" or "finish" => true,
            "end" => false,
            string other => throw ApiException.Invalid("running", $"'running' is '{other}'; allowed are 'finish' and 'end'."),
        };
        if (!await cluster.UnloadAsync(name, finish, context.RequestAborted))
        {
            throw NotFound(name);
        }
        return Json(new AdminUnloading(name), StatusCodes.Status202Accepted);
    }

    private async Task<IResult> ListWorkersAsync(HttpContext context)
    {
        Task<IReadOnlyList<ModelStatus>> models = cluster.ListModelsAsync(context.RequestAborted);
        IReadOnlyList<WorkerRecord> workers = await cluster.ListWorkersAsync(context.RequestAborted);
        return Json(AdminWorkerList.From(workers, await models), StatusCodes.Status200OK);
    }

    private async Task<IResult> DrainAsync(HttpContext context, string id)
    {
        if (!await cluster.DrainAsync(id, context.RequestAborted))
        {
            throw new ApiException(StatusCodes.Status404NotFound, "invalid_request_error", "worker_not_found",
                $"The worker '{id}' is not known, or is dead; GET /admin/workers lists those there are.");
        }
        AdminWorkerList list = AdminWorkerList.From(
            await cluster.ListWorkersAsync(context.RequestAborted), await cluster.ListModelsAsync(context.RequestAborted));
        return Json(list.Data.First(worker => worker.Id == id), StatusCodes.Status202Accepted);
    }

    private async Task<IResult> AnswerAsync(HttpContext context, string name) =>
        Json(AdminModel.From(await FindAsync(context, name)), StatusCodes.Status202Accepted);

    private async Task<ModelStatus> FindAsync(HttpContext context, string name) =>
        (await cluster.ListModelsAsync(context.RequestAborted)).FirstOrDefault(model => model.Name == name && model.Phase != ModelPhase.Unloading)
        ?? throw NotFound(name);

    private static ApiException NotFound(string name) => new(StatusCodes.Status404NotFound, "invalid_request_error", "model_not_found",
        $"The model '{name}' does not exist in this cluster; GET /admin/models lists those that do.", "model");

    private static IResult Json<T>(T value, int status) => Results.Json(value, AdminJson.Of<T>(), statusCode: status);
}
