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
/// wanted; the lists say how far it is. A '/' in a model's name is written %2F, which routing leaves as it is.
/// </summary>
internal sealed class AdminEndpoints(IClusterAdmin cluster)
{
    /// <summary>Adds the routes.</summary>
    /// <param name="routes">Where to.</param>
    /// <param name="endpoints">What answers.</param>
    public static void Map(IEndpointRouteBuilder routes, AdminEndpoints endpoints)
    {
        RouteGroupBuilder admin = routes.MapGroup("/admin").RequireScope(ApiScope.Admin);
        admin.MapGet("/models", endpoints.ListModelsAsync);
        admin.MapPost("/models", endpoints.LoadAsync);
        admin.MapPost("/models/{name}/scale", endpoints.ScaleAsync);
        admin.MapDelete("/models/{name}", endpoints.UnloadAsync);
        admin.MapGet("/workers", endpoints.ListWorkersAsync);
        admin.MapPost("/workers/{id}/drain", endpoints.DrainAsync);
        admin.MapPost("/workers/{id}/resume", endpoints.ResumeAsync);
    }

    private async Task<IResult> ListModelsAsync(CancellationToken cancellation) =>
        Json(new AdminModelList([.. (await cluster.ListModelsAsync(cancellation)).Select(AdminModel.From)]), StatusCodes.Status200OK);

    private async Task<IResult> LoadAsync(HttpContext context, CancellationToken cancellation)
    {
        using JsonDocument body = await JsonBody.ReadAsync(context);
        ModelDefinition definition = ModelFields.ReadDefinition(new RequestFields(body.RootElement));
        await cluster.DefineAsync(definition, cancellation);
        return await AnswerAsync(definition.Name, cancellation);
    }

    private async Task<IResult> ScaleAsync(HttpContext context, string name, CancellationToken cancellation)
    {
        name = Uri.UnescapeDataString(name);
        using JsonDocument body = await JsonBody.ReadAsync(context);
        ModelDefinition definition = (await FindAsync(name, cancellation)).Definition ?? throw NotFound(name);
        await cluster.DefineAsync(ModelFields.ReadScale(new RequestFields(body.RootElement), definition), cancellation);
        return await AnswerAsync(name, cancellation);
    }

    private async Task<IResult> UnloadAsync(string name, string? running, CancellationToken cancellation)
    {
        name = Uri.UnescapeDataString(name);
        bool finish = running switch
        {
            null or "finish" => true,
            "end" => false,
            string other => throw ApiException.Invalid("running", $"'running' is '{other}'; allowed are 'finish' and 'end'."),
        };
        if (!await cluster.UnloadAsync(name, finish, cancellation))
        {
            throw NotFound(name);
        }
        return Json(new AdminUnloading(name), StatusCodes.Status202Accepted);
    }

    private async Task<IResult> ListWorkersAsync(CancellationToken cancellation) => Json(await WorkersAsync(cancellation), StatusCodes.Status200OK);

    private async Task<IResult> DrainAsync(string id, CancellationToken cancellation)
    {
        if (!await cluster.DrainAsync(id, cancellation))
        {
            throw NoWorker(id);
        }
        return await AnswerWorkerAsync(id, cancellation);
    }

    private async Task<IResult> ResumeAsync(string id, CancellationToken cancellation) => await cluster.ResumeAsync(id, cancellation) switch
    {
        null or WorkerHealth.Dead => throw NoWorker(id),
        WorkerHealth.Draining => throw new ApiException(StatusCodes.Status409Conflict, "invalid_request_error", "worker_leaving",
            $"The worker '{id}' ends, because its process was told to (SIGTERM); that cannot be taken back. Start it anew."),
        _ => await AnswerWorkerAsync(id, cancellation),
    };

    private async Task<IResult> AnswerWorkerAsync(string id, CancellationToken cancellation) =>
        (await WorkersAsync(cancellation)).Data.FirstOrDefault(worker => worker.Id == id) is { } worker ? Json(worker, StatusCodes.Status202Accepted) : throw NoWorker(id);

    private async Task<AdminWorkerList> WorkersAsync(CancellationToken cancellation) =>
        AdminWorkerList.From(await cluster.ListWorkersAsync(cancellation), await cluster.ListModelsAsync(cancellation));

    private async Task<IResult> AnswerAsync(string name, CancellationToken cancellation) =>
        Json(AdminModel.From(await FindAsync(name, cancellation)), StatusCodes.Status202Accepted);

    private async Task<ModelStatus> FindAsync(string name, CancellationToken cancellation) =>
        (await cluster.ListModelsAsync(cancellation)).FirstOrDefault(model => model.Name == name && model.Phase != ModelPhase.Unloading)
        ?? throw NotFound(name);

    private static ApiException NotFound(string name) => new(StatusCodes.Status404NotFound, "invalid_request_error", "model_not_found",
        $"The model '{name}' does not exist in this cluster; GET /admin/models lists those that do.", "model");

    private static ApiException NoWorker(string id) => new(StatusCodes.Status404NotFound, "invalid_request_error", "worker_not_found",
        $"The worker '{id}' is not known, or is dead; GET /admin/workers lists those there are.");

    private static IResult Json<T>(T value, int status) => Results.Json(value, AdminJson.Of<T>(), statusCode: status);
}
