using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
using Prometheus;
using Winnow.Fetching;
using Winnow.Gateway.Serving;

namespace Winnow.Gateway.Api;

/// <summary>The model store for other processes of the cluster: files with parts and tags, and the checksums of their chunks. For the cluster token, not for API keys.</summary>
internal static class ModelStoreEndpoints
{
    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];
    private static readonly Counter SentBytes = Metrics.CreateCounter(GatewayMetrics.ModelStoreSentBytes, "Bytes of models sent to other processes.");
    private static readonly Counter Requests = Metrics.CreateCounter(GatewayMetrics.ModelStoreRequests, "Requests to the model store, by the status they got.", "status");

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods(ModelLocation.StorePath + "{**name}", Reading, SendAsync);
        routes.MapGet(ModelStoreListing.Path + "{**name}", ListAsync);
    }

    private static async Task SendAsync(string name, HttpContext context, ModelStore store)
    {
        FileInfo file = Find(name, context, store);
        var tag = new EntityTagHeaderValue(ModelStore.TagOf(file));
        await Results.File(file.FullName, "application/octet-stream", lastModified: file.LastWriteTimeUtc, entityTag: tag, enableRangeProcessing: true).ExecuteAsync(context);
        Count(context.Response.StatusCode);
        SentBytes.Inc(HttpMethods.IsGet(context.Request.Method) ? context.Response.ContentLength ?? 0 : 0);
    }

    private static async Task<IResult> ListAsync(string name, int first, int count, HttpContext context, ModelStore store)
    {
        FileInfo file = Find(name, context, store);
        ModelStoreListing listing = await ModelStore.ListAsync(file, first, count, context.RequestAborted)
            ?? throw Refuse(StatusCodes.Status400BadRequest, "bad_request",
                $"Chunks '{first}' to '{(long)first + count - 1}' of '{name}' are not in the file, which has {file.Length} bytes in chunks of {ModelStoreListing.ChunkBytes}; "
                + $"ask for 1 to {ModelStoreListing.MaxChunks} of them.");
        Count(StatusCodes.Status200OK);
        return Results.Json(listing);
    }

    private static FileInfo Find(string name, HttpContext context, ModelStore store) => !store.Admits(context)
        ? throw Refuse(StatusCodes.Status401Unauthorized, "invalid_cluster_token",
            "The cluster token is missing or wrong; set the same ClusterToken on every process, and this gateway's address in their Models:StoreAddresses.")
        : store.Find(name) ?? throw Refuse(StatusCodes.Status404NotFound, "model_file_not_found",
            $"There is no file '{name}' in the model store; see Gateway:ModelStore.");

    private static ApiException Refuse(int status, string code, string message)
    {
        Count(status);
        return new ApiException(status, "invalid_request_error", code, message);
    }

    private static void Count(int status) => Requests.WithLabels(status.ToString(CultureInfo.InvariantCulture)).Inc();
}
