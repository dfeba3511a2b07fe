using Microsoft.Extensions.Options;

namespace Winnow.Fetching.Tests;

public sealed class ModelsOptionsValidatorTests
{
    [Fact]
    public void Validate_Defaults_AreAllowed() => Assert.True(new ModelsOptionsValidator().Validate(null, new ModelsOptions()).Succeeded);

    [Fact]
    public void Validate_EverythingWrong_IsReportedAtOnce()
    {
        ModelsOptions options = new()
        {
            CacheBytes = -1,
            Connections = 0,
            MaxRetries = -1,
            RetryDelay = TimeSpan.FromSeconds(50),
            AnswerTimeout = TimeSpan.Zero,
            MinBytesPerSecond = 1,
            HedgeDelay = TimeSpan.Zero,
            BreakDuration = TimeSpan.Zero,
            MaxRedirects = 21,
            StoreAddresses = { "gateway" },
        };

        ValidateOptionsResult result = new ModelsOptionsValidator().Validate(null, options);

        Assert.Equal(10, result.Failures!.Count());
    }
}
