using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Winnow.Gateway.Serving;
using Winnow.Gateway.Streams;

namespace Winnow.Gateway.Api;

/// <summary>The generating endpoints: <c>/v1/chat/completions</c> and <c>/v1/completions</c>.</summary>
internal sealed class CompletionEndpoints(IModelRegistry models, GenerationResponder responder, TimeProvider time)
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/chat/completions", (HttpContext context, CompletionEndpoints endpoints) => endpoints.ChatAsync(context));
        routes.MapPost("/v1/completions", (HttpContext context, CompletionEndpoints endpoints) => endpoints.CompleteAsync(context));
        routes.MapPost("/v1/embeddings", (HttpContext _) => RefuseEmbeddings());
    }

    private async Task ChatAsync(HttpContext context)
    {
        using JsonDocument body = await JsonBody.ReadAsync(context);
        var fields = new RequestFields(body.RootElement);
        ServedModel model = models.Require(fields.RequireString("model"));
        ChatCompletionRequest request = ChatCompletionRequest.Read(fields, model.Tokenizer.VocabularySize);
        int[] prompt = RenderPrompt(model, request);
        GenerationJob job = GenerationJob.Create(StreamKind.Chat, model, [prompt], request.MaxTokens, request.Shared, StreamOwner.Of(context), time.GetUtcNow());
        await responder.RespondAsync(context, job, new ChatFormat(job));
    }

    private async Task CompleteAsync(HttpContext context)
    {
        using JsonDocument body = await JsonBody.ReadAsync(context);
        var fields = new RequestFields(body.RootElement);
        ServedModel model = models.Require(fields.RequireString("model"));
        CompletionRequest request = CompletionRequest.Read(fields, model.Tokenizer);
        GenerationJob job = GenerationJob.Create(StreamKind.Completion, model, request.Prompts, request.MaxTokens, request.Shared, StreamOwner.Of(context), time.GetUtcNow());
        await responder.RespondAsync(context, job, new CompletionFormat(job));
    }

    private int[] RenderPrompt(ServedModel model, ChatCompletionRequest request)
    {
        if (model.Template is null)
        {
            throw ApiException.Invalid("messages", $"The file of model '{model.Name}' has no 'tokenizer.chat_template'; use /v1/completions.", "no_chat_template");
        }
        return ChatPrompt.Encode(model.Tokenizer, model.Template, request.Messages, time.GetLocalNow());
    }

    private static Task RefuseEmbeddings()
        => throw ApiException.Unsupported("input", "'/v1/embeddings' is not supported: the served models generate text.");
}
