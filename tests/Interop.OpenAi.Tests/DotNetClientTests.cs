using System.ClientModel;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Models;

namespace Winnow.Interop.OpenAi.Tests;

/// <summary>The official OpenAI .NET package completes and streams against the gateway.</summary>
public sealed class DotNetClientTests(ShippedPairHost host) : IClassFixture<ShippedPairHost>
{
    private const string Question = "Tom has 3 bags with 4 apples each. How many apples does he have?";

    private readonly OpenAIClient _client = new(new ApiKeyCredential("unused"), new OpenAIClientOptions { Endpoint = new Uri(host.BaseUrl) });

    [Fact]
    public async Task GetModels_Served_ListsTheModel()
    {
        OpenAIModelCollection models = await _client.GetOpenAIModelClient().GetModelsAsync();

        Assert.Equal(ShippedPairHost.Model, Assert.Single(models).Id);
    }

    [Fact]
    public async Task CompleteChat_SameSeed_GivesTheSameAnswerWholeAndStreamed()
    {
        ChatClient chat = _client.GetChatClient(ShippedPairHost.Model);

        ChatCompletion whole = await chat.CompleteChatAsync([new UserChatMessage(Question)], Options());
        string streamed = "";
        ChatTokenUsage? usage = null;
        await foreach (StreamingChatCompletionUpdate update in chat.CompleteChatStreamingAsync([new UserChatMessage(Question)], Options()))
        {
            streamed += string.Concat(update.ContentUpdate.Select(part => part.Text));
            usage = update.Usage ?? usage;
        }

        Assert.NotEmpty(whole.Content[0].Text);
        Assert.Equal(whole.Content[0].Text, streamed);
        Assert.Equal(whole.Usage.OutputTokenCount, usage?.OutputTokenCount);
        Assert.True(whole.FinishReason is ChatFinishReason.Stop or ChatFinishReason.Length);
    }

    [Fact]
    public async Task CompleteChat_LogProbabilities_AreRead()
    {
        ChatCompletionOptions options = Options();
        options.IncludeLogProbabilities = true;
        options.TopLogProbabilityCount = 3;

        ChatCompletion completion = await _client.GetChatClient(ShippedPairHost.Model).CompleteChatAsync([new UserChatMessage(Question)], options);

        Assert.Equal(completion.Usage.OutputTokenCount, completion.ContentTokenLogProbabilities.Count);
        Assert.All(completion.ContentTokenLogProbabilities, entry => Assert.True(entry.LogProbability <= 0 && entry.TopLogProbabilities.Count == 3));
    }

    [Fact]
    public async Task CompleteChat_UnknownModel_ThrowsWithStatus404()
    {
        ClientResultException error = await Assert.ThrowsAsync<ClientResultException>(
            () => _client.GetChatClient("nope").CompleteChatAsync([new UserChatMessage(Question)]));

        Assert.Equal(404, error.Status);
        Assert.Contains("does not exist", error.Message, StringComparison.Ordinal);
    }

#pragma warning disable OPENAI001 // Seed is marked experimental in the package; the gateway's promise is about it.
    private static ChatCompletionOptions Options() => new() { MaxOutputTokenCount = 32, Temperature = 0.8f, Seed = 11 };
#pragma warning restore OPENAI001
}
